"""Booking: advice that counts what it gave away."""

from __future__ import annotations

from sim.model.parameters.fields import Parameters, key


class BookingParameters(Parameters):
    """What the strategy `booked` and `sim.Advisor` expect of those who book a departure window."""

    kept_share: float = key(
        0.75,
        "Share of bookings that is expected to be kept, before any have been seen; it counts as 20 bookings that were "
        "seen, and from then on all that were seen count, but at least half are expected to be kept. `booked` plans "
        "for this share, whatever `compliance`: people asked to leave in another window are its bookings.",
        "Beijing, booked entry to stations of the subway, first year: 1.17 of 1.55 million bookings were kept (Beijing "
        "Transport Institute, as reported; to be confirmed before quoting)",
        gt=0,
        le=1,
    )
