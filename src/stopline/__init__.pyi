from stopline.belief.sightings import CameraHit as CameraHit
from stopline.belief.sightings import Silence as Silence
from stopline.belief.sightings import Witness as Witness
from stopline.errors import BadInput as BadInput
from stopline.forces.unit import Unit as Unit
from stopline.library.blockade import blockade as blockade
from stopline.library.exits import exits_beyond as exits_beyond
from stopline.library.exits import exits_from as exits_from
from stopline.library.networks import from_networkx as from_networkx
from stopline.library.networks import section_numbers as section_numbers
from stopline.library.networks import to_networkx as to_networkx
from stopline.library.plans import plan as plan
from stopline.library.plans import verify as verify
from stopline.library.problems import Seen as Seen
from stopline.library.pursuit import believe as believe
from stopline.library.routes import intercept as intercept
from stopline.library.units import units_from_frame as units_from_frame
from stopline.network.drive_graph import Vehicle as Vehicle
from stopline.network.read_settings import ReadSettings as ReadSettings
from stopline.network.reading import read_network as read_network
from stopline.sealing.problem import Exit as Exit

__version__: str
