"""What an agency has counted on real days: tables and archives of GTFS-Realtime, laid on the vehicles of a scenario."""

from sim.loading.counts.files import counted_of

__all__ = ["counted_of"]
