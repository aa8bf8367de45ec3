"""Factors of fuel, electricity and emission, dated: they age, and newer ones belong here.

As of November 2026, from the sources named; gradients are not covered.
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

DIESEL_EFFICIENCY, BATTERY_EFFICIENCY = 0.33, 0.85
"""Work at the wheels over energy from tank or battery; assumed."""

DIESEL_RECUPERATION, BATTERY_RECUPERATION = 0.0, 0.5
"""Share of the kinetic energy at a stop that comes back to the battery; assumed."""

EMPTY_MASS_KG = 12_500.0
"""Of a 12 m bus; assumed."""

PERSON_MASS_KG = 68.0
"""UN Regulation No. 107, classes I and A; to be confirmed before quoting."""

ROLLING_RESISTANCE = 0.008
"""Rolling resistance over weight, of truck tyres on asphalt; assumed."""

DRAG_AREA_M2 = 5.0
"""Drag coefficient times frontal area of a bus; assumed."""

AUXILIARY_KW = 6.0
"""Lights, doors, air, steering and some heating; assumed, 2 to 20 by season."""

ACCELERATION_M_S2, DECELERATION_M_S2 = 1.0, 1.2
"""After a stop and before one; assumed."""

GRAVITY_M_S2 = 9.80665
AIR_KG_PER_M3 = 1.2
JOULES_PER_KWH = 3.6e6
