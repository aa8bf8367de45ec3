"""Factors of fuel, electricity and emission, dated: they age, and newer ones belong here.

As of November 2026, from the sources named; heating, gradient and load are not covered.
"""

from __future__ import annotations

DATE = "2026-11"

LITRES_PER_US_GALLON = 3.785411784

DIESEL_CO2_KG_PER_L = 10.21 / LITRES_PER_US_GALLON
"""10.21 kg CO2 per US gallon burnt (US EPA emission factors); from tank to wheel."""

DIESEL_L_PER_100KM = 40.0
"""Urban 12 m diesel bus; 35 to 50 L/100 km are reported for London."""

DIESEL_KWH_PER_L = 137_381 * 1055.056 / 3.6e6 / LITRES_PER_US_GALLON
"""137,381 Btu per US gallon, higher heating value (US EIA; to be confirmed)."""

BATTERY_KWH_PER_KM = 2.15 / 1.609344
"""2.15 kWh per mile (NREL, battery electric buses of Foothill Transit)."""

CHARGING_EFFICIENCY = 0.9
"""Share of the energy taken from the grid that reaches the battery; assumed."""

GRID_CO2_KG_PER_KWH = 0.4
"""Emission of electricity; assumed, grids lie between 0.05 and 0.7."""
