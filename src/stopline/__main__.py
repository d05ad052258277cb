"""Run the command line with `python -m stopline`."""

from stopline.cli.start import main

if __name__ == "__main__":
    main()
