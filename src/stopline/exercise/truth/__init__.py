"""What truly happens: roads as they are, the vehicle, who sees it, units; and all chance."""
