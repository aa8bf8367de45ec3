"""What vehicles run on, for energy and emissions."""

from __future__ import annotations

from typing import Literal

from sim.model.parameters.energy_factors import (
    BATTERY_KWH_PER_KM,
    CHARGING_EFFICIENCY,
    DATE,
    DIESEL_CO2_KG_PER_L,
    DIESEL_KWH_PER_L,
    DIESEL_L_PER_100KM,
    GRID_CO2_KG_PER_KWH,
)
from sim.model.parameters.fields import ASSUMED, Parameters, key


class EnergyParameters(Parameters):
    """Energy and CO2 of all vehicles, per vehicle-kilometre; heating, gradient and load are not covered."""

    kind: Literal["none", "diesel", "battery"] = key(
        "none", "none: no emissions are worked out; diesel or battery bus.", ASSUMED
    )
    diesel_l_per_100km: float = key(
        DIESEL_L_PER_100KM,
        "Litres of diesel per 100 km.",
        f"urban 12 m bus, 35 to 50 in London ({DATE})",
        specialist=True,
        gt=0,
    )
    diesel_co2_kg_per_l: float = key(
        DIESEL_CO2_KG_PER_L,
        "CO2 of a litre of diesel burnt.",
        f"US EPA, 10.21 kg per US gallon ({DATE})",
        specialist=True,
        gt=0,
    )
    battery_kwh_per_km: float = key(
        BATTERY_KWH_PER_KM,
        "Electricity per km from the battery.",
        f"NREL, Foothill Transit, 2.15 kWh/mile ({DATE})",
        specialist=True,
        gt=0,
    )
    charging_efficiency: float = key(
        CHARGING_EFFICIENCY,
        "Share of the grid's energy that reaches the battery.",
        ASSUMED,
        specialist=True,
        gt=0,
        le=1,
    )
    grid_co2_kg_per_kwh: float = key(GRID_CO2_KG_PER_KWH, "CO2 of a kWh from the grid.", ASSUMED, specialist=True, ge=0)

    def co2_g_per_km(self) -> float:
        """Return the emission of a vehicle-kilometre in grams; NaN where none is to be worked out."""
        if self.kind == "diesel":
            return 1000.0 * self.diesel_l_per_100km / 100.0 * self.diesel_co2_kg_per_l
        if self.kind == "battery":
            return 1000.0 * self.battery_kwh_per_km / self.charging_efficiency * self.grid_co2_kg_per_kwh
        return float("nan")

    def energy_kwh_per_km(self) -> float:
        """Return the energy of a vehicle-kilometre from tank or grid in kWh; NaN where none is to be worked out."""
        if self.kind == "diesel":
            return self.diesel_l_per_100km / 100.0 * DIESEL_KWH_PER_L
        if self.kind == "battery":
            return self.battery_kwh_per_km / self.charging_efficiency
        return float("nan")
