"""What vehicles run on, for energy and emissions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from sim.model.parameters.energy_factors import (
    AUXILIARY_KW,
    BATTERY_EFFICIENCY,
    BATTERY_KWH_PER_KM,
    BATTERY_RECUPERATION,
    CHARGING_EFFICIENCY,
    DATE,
    DIESEL_CO2_KG_PER_L,
    DIESEL_EFFICIENCY,
    DIESEL_KWH_PER_L,
    DIESEL_L_PER_100KM,
    DIESEL_RECUPERATION,
    DRAG_AREA_M2,
    EMPTY_MASS_KG,
    GRID_CO2_KG_PER_KWH,
    PERSON_MASS_KG,
    ROLLING_RESISTANCE,
)
from sim.model.parameters.fields import ASSUMED, NOT_A_NUMBER, Parameters, every_key_optional, key

EnergyKind = Literal["none", "diesel", "battery"]


class _EnergyFactors(Parameters):
    """What a vehicle runs on, and how much it takes."""

    kind: EnergyKind = key("none", "none: no emissions are worked out; diesel or battery bus.", ASSUMED)
    diesel_l_per_100km: float = key(
        DIESEL_L_PER_100KM,
        "Litres of diesel per 100 km (distance).",
        f"urban 12 m bus, 35 to 50 in London ({DATE})",
        specialist=True,
        gt=0,
        le=10_000,
    )
    diesel_co2_kg_per_l: float = key(
        DIESEL_CO2_KG_PER_L,
        "CO2 of a litre of diesel burnt.",
        f"US EPA, 10.21 kg per US gallon ({DATE})",
        specialist=True,
        gt=0,
        le=100,
    )
    battery_kwh_per_km: float = key(
        BATTERY_KWH_PER_KM,
        "Electricity per km from the battery (distance).",
        f"NREL, Foothill Transit, 2.15 kWh/mile ({DATE})",
        specialist=True,
        gt=0,
        le=1000,
    )
    charging_efficiency: float = key(
        CHARGING_EFFICIENCY,
        "Share of the grid's energy that reaches the battery.",
        ASSUMED,
        specialist=True,
        gt=0,
        le=1,
    )
    grid_co2_kg_per_kwh: float = key(
        GRID_CO2_KG_PER_KWH, "CO2 of a kWh from the grid.", ASSUMED, specialist=True, ge=0, le=100
    )
    empty_mass_kg: float = key(
        EMPTY_MASS_KG,
        "Mass of a vehicle without passengers, 12 m bus (motion).",
        ASSUMED,
        specialist=True,
        gt=0,
        le=1_000_000,
    )
    person_mass_kg: float = key(
        PERSON_MASS_KG,
        "Mass of a passenger (motion).",
        f"UN Regulation No. 107, to be confirmed before quoting ({DATE})",
        specialist=True,
        ge=0,
        le=1000,
    )
    rolling_resistance: float = key(
        ROLLING_RESISTANCE, "Rolling resistance over weight (motion).", ASSUMED, specialist=True, ge=0, le=1
    )
    drag_area_m2: float = key(
        DRAG_AREA_M2, "Drag coefficient times frontal area, m2 (motion).", ASSUMED, specialist=True, ge=0, le=1000
    )
    auxiliary_kw: float = key(
        AUXILIARY_KW,
        "Power of heating, air and lights, moving or not (motion).",
        ASSUMED,
        specialist=True,
        ge=0,
        le=10_000,
    )
    efficiency: float | None = key(
        None,
        f"Work at the wheels over energy from tank or battery (motion); {DIESEL_EFFICIENCY:g} for diesel and "
        f"{BATTERY_EFFICIENCY:g} for battery where missing.",
        ASSUMED,
        specialist=True,
        gt=0,
        le=1,
    )
    recuperation: float | None = key(
        None,
        "Share of the kinetic energy at a stop that comes back to the battery (motion); "
        f"{DIESEL_RECUPERATION:g} for diesel and {BATTERY_RECUPERATION:g} for battery where missing.",
        ASSUMED,
        specialist=True,
        ge=0,
        lt=1,
    )


if TYPE_CHECKING:
    VehicleEnergyParameters = _EnergyFactors
else:
    VehicleEnergyParameters = every_key_optional("VehicleEnergyParameters", _EnergyFactors)


class EnergyParameters(_EnergyFactors):
    """Energy and CO2 of vehicles; gradients are not covered."""

    method: Literal["distance", "motion"] = key(
        "distance",
        "distance: so much per vehicle-kilometre; motion: rolling and drag by speed, the kinetic energy of each start "
        "less what comes back, all by mass with passengers, and auxiliaries by time. The speed between stops is the "
        "one at which the way takes its time with acceleration and deceleration at its ends.",
        ASSUMED,
    )
    vehicles: dict[str, VehicleEnergyParameters] = key(
        {},
        "Vehicle types by name that differ, as in a fleet of several kinds, each with the keys of service.energy that "
        "differ (all but method).",
        NOT_A_NUMBER,
        specialist=True,
        keys_listed_elsewhere=True,
    )

    def of_type(self, vehicle_type: str) -> EnergyParameters:
        """Return what holds for vehicles of a type."""
        own = self.vehicles.get(vehicle_type)
        changes = {} if own is None else {name: value for name, value in own if value is not None}
        return self.model_copy(update={**changes, "vehicles": {}})

    def work_efficiency(self) -> float:
        """Return the work at the wheels over energy from tank or battery."""
        usual = BATTERY_EFFICIENCY if self.kind == "battery" else DIESEL_EFFICIENCY
        return usual if self.efficiency is None else self.efficiency

    def returned_share(self) -> float:
        """Return the share of the kinetic energy at a stop that comes back."""
        usual = BATTERY_RECUPERATION if self.kind == "battery" else DIESEL_RECUPERATION
        return usual if self.recuperation is None else self.recuperation

    def co2_g_per_kwh(self) -> float:
        """Return the emission of a kWh from tank or grid in grams; NaN where none is to be worked out."""
        if self.kind == "diesel":
            return 1000.0 * self.diesel_co2_kg_per_l / DIESEL_KWH_PER_L
        return 1000.0 * self.grid_co2_kg_per_kwh if self.kind == "battery" else float("nan")

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
