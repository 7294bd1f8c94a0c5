"""What exists at a site besides devices, and where: zones, entities such as shelves, ways, and devices' home places."""

from coordinator.site.geography import Geography, Spot
from coordinator.site.model import Entity, Link, Site, Zone

__all__ = ["Entity", "Geography", "Link", "Site", "Spot", "Zone"]
