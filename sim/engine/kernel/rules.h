/* Rules as numbers: how long vehicles run, stand and are held, and how far apart they are. Formulas stand in
 * sim/engine/rules.py; sums run from left to right as there, so that every rounding is the same. */

/* How often one duration goes into a time, rounded down, exactly as `time // step` in Python. */
static double whole_steps(double time_s, double step_s) {
    /* Times lie on a grid far coarser than the last bit of a quotient by a whole number, which is therefore never
     * rounded up to the next whole number. */
    if (step_s == floor(step_s) && time_s >= 0 && time_s < 4294967296.0) return floor(time_s / step_s);
    double rest = fmod(time_s, step_s), times = (time_s - rest) / step_s;
    if (rest != 0.0 && rest < 0.0) times -= 1.0;
    double whole = floor(times);
    return times - whole > 0.5 ? whole + 1.0 : whole;
}

#include "signals.h"

static double with_added(const DayVariates *chance, int64_t visit, double running_s) {
    if (!chance->running_added_s) return round_tick(running_s);
    return round_tick(larger_of(running_s + chance->running_added_s[visit], 0.0));
}

static void hinder(Day *day, int64_t visit, int32_t by) {
    if (by > day->disruption[visit]) day->disruption[visit] = by;
}

/* The running time to the next stop of a vehicle that leaves at a time. */
static double running_s(Day *day, const Vehicle *vehicle, double departure_s) {
    const Input *input = day->input;
    const Positions *positions = &input->positions;
    const Place *place = &day->places[vehicle->position];
    int64_t visit = vehicle->visit, position = vehicle->position, hop = place->hop;
    double factor = input->chance.running_factor[visit], usual_s, needed_s;
    if (hop >= 0) {
        double step = whole_steps(departure_s, input->times.step_s);
        int64_t last = input->sizes.steps - 1, column = step < (double)last ? (int64_t)step : last;
        usual_s = input->times.table_s[hop * input->sizes.steps + (column < 0 ? 0 : column)];
    } else {
        usual_s = input->timetable.visit_running_s[visit];
    }
    needed_s = with_added(&input->chance, visit, usual_s * factor);
    if (!(place->flags & IS_HINDERED)) return needed_s;
    int off_way = 0;
    for (int64_t at = positions->slowing_ptr[position]; at < positions->slowing_ptr[position + 1]; at++) {
        if (positions->slowing_start_s[at] <= departure_s && departure_s < positions->slowing_end_s[at]) {
            off_way |= positions->slowing_missed[at] >= 0;
            needed_s = round_tick(needed_s * positions->slowing_factor[at]) + positions->slowing_added_s[at];
            hinder(day, visit, positions->slowing_missed[at] < 0 ? DISRUPTION_LINK_SLOW : DISRUPTION_DETOUR);
        }
    }
    /* On a way round the mean delay at its signals is part of what is added. */
    return off_way ? needed_s : needed_s + signals_lost_s(day, position, departure_s, needed_s);
}

/* How many stops a vehicle misses that leaves at a time: those that no open way leads to. */
static int64_t missed_stops(const Day *day, const Vehicle *vehicle, double departure_s) {
    const Positions *positions = &day->input->positions;
    int64_t position = vehicle->position;
    if (!(day->places[position].flags & IS_HINDERED)) return 0;
    for (int64_t at = positions->slowing_ptr[position]; at < positions->slowing_ptr[position + 1]; at++)
        if (positions->slowing_missed[at] > 0 && positions->slowing_start_s[at] <= departure_s &&
            departure_s < positions->slowing_end_s[at])
            return positions->slowing_missed[at];
    return 0;
}

/* Dueker, Kimpel, Strathman and Callas 2004; sim/engine/dwell.py. */
static double dueker_boarding_s(double boardings) {
    const double base = 5.136, on = 3.481, on_squared = -0.040;
    double most = -on / (2 * on_squared), b = boardings > most ? most : boardings;
    return base + on * b + on_squared * (b * b);
}

static double dueker_s(double boardings, double alightings) {
    const double off = 1.701, off_squared = -0.031;
    double most = -off / (2 * off_squared), a = alightings > most ? most : alightings;
    return dueker_boarding_s(boardings) + off * a + off_squared * (a * a);
}

/* The dwell of a vehicle that loads a fluid of passengers (Newell and Potts 1964). */
static double fluid_dwell_s(const VehicleTypes *types, int32_t type, double headway_s, int of_departures) {
    double share = types->dwell_per_headway[type];
    double dwell_s = types->dead_s[type] + share * larger_of(headway_s, 0.0);
    return round_tick(of_departures ? dwell_s / (1.0 - share) : dwell_s);
}

/* The scheduled headway to the trip before, or else to the one behind; NaN for an only trip. */
static double planned_headway_s(const Day *day, int64_t visit) {
    const Timetable *table = &day->input->timetable;
    int64_t before = table->visit_before[visit], after = table->visit_after[visit];
    if (before >= 0) return table->scheduled_departure_s[visit] - table->scheduled_departure_s[before];
    return after >= 0 ? table->scheduled_departure_s[after] - table->scheduled_departure_s[visit] : NAN;
}

/* Those of the last boardings at the stop before whom somebody already stood; see sim/engine/dwell.py. */
static int64_t hindered_boardings(const VehicleTypes *types, const Vehicle *vehicle, int64_t boardings) {
    int64_t past = vehicle->load - 1 - types->seats[vehicle->type];
    return past < 0 ? 0 : past < boardings ? past : boardings;
}

/* How long a vehicle stands for the passengers so far. */
static double dwell_s(const Day *day, const Vehicle *vehicle) {
    const VehicleTypes *types = &day->input->types;
    int32_t type = vehicle->type;
    double b = (double)vehicle->boarded, a = (double)vehicle->alighted, step_s = types->alighting_step_s[type];
    double h = (double)hindered_boardings(types, vehicle, vehicle->boarded);
    double board_s = (b - h) * types->boarding_s[type] + h * types->hindered_boarding_s[type];
    double dead_s = types->dead_s[type], alighting_s = types->alighting_s[type];
    switch (types->dwell_rule[type]) {
    case DWELL_SUM:
        return larger_of(round_tick(dead_s + board_s + a * alighting_s), a * step_s);
    case DWELL_MAX:
        return larger_of(round_tick(dead_s + larger_of(board_s, a * alighting_s)), a * step_s);
    case DWELL_DUEKER:
        return larger_of(round_tick(dueker_s(b, a)), a * step_s);
    case DWELL_HEADWAY: {
        if (vehicle->visit == vehicle->last_visit) return round_tick(dead_s);
        if (isnan(vehicle->headway_s)) {
            double planned_s = planned_headway_s(day, vehicle->visit);
            return fluid_dwell_s(types, type, isnan(planned_s) ? 0.0 : planned_s, 0);
        }
        if (day->input->rules.boarding_rule != BOARDING_DURING_DWELL)
            return fluid_dwell_s(types, type, vehicle->headway_s, 0);
        /* Loading begins when the vehicle in front has left; while that one still stands nobody is there. */
        double left_s = day->point_departure_s[day->places[vehicle->position].point];
        double loading_s = isnan(left_s) || left_s < vehicle->opened_s - vehicle->headway_s ? 0.0 : vehicle->opened_s - left_s;
        return fluid_dwell_s(types, type, loading_s, 1);
    }
    default:
        return round_tick(dead_s);
    }
}

/* When all those are out and in who have come so far; sim/engine/doors.py. */
static double served_s(const Day *day, const Vehicle *vehicle) {
    const VehicleTypes *types = &day->input->types;
    int32_t type = vehicle->type;
    if (vehicle->late_s == -INFINITY) return vehicle->opened_s + dwell_s(day, vehicle);
    double before = (double)vehicle->late_after, b = (double)(vehicle->boarded - vehicle->late_after);
    double h = (double)hindered_boardings(types, vehicle, vehicle->boarded - vehicle->late_after);
    double needed_s = types->dwell_rule[type] == DWELL_DUEKER
                          ? dueker_boarding_s(before + b) - dueker_boarding_s(before)
                          : (b - h) * types->boarding_s[type] + h * types->hindered_boarding_s[type];
    return vehicle->late_s + round_tick(needed_s);
}

/* Count somebody in who came while the doors were open; sim/engine/doors.py. */
static void let_in_late(const Day *day, Vehicle *vehicle, double joined_s) {
    int64_t rule = day->input->types.dwell_rule[vehicle->type];
    if (rule != DWELL_CONSTANT && rule != DWELL_HEADWAY && joined_s > served_s(day, vehicle)) {
        vehicle->late_s = joined_s;
        vehicle->late_after = vehicle->boarded;
    }
    vehicle->boarded++;
    vehicle->load++;
}

/* Note an arrival at a point; return the headway to the one before, NaN for the first. */
static double headway_of_arrival_s(Day *day, const Vehicle *vehicle, double time_s) {
    if (!day->input->rules.keeps_headways) return NAN;
    double *last_s = &day->point_arrival_s[day->places[vehicle->position].point];
    double headway_s = time_s - *last_s;
    *last_s = time_s;
    return headway_s;
}

/* When the vehicle in front leaves a point: the last that left, or one that control still holds there, which leaves
 * first too; NaN where there is none. */
static double left_in_front_s(const Day *day, const Vehicle *vehicle) {
    int64_t point = day->places[vehicle->position].point;
    double left_s = day->point_departure_s[point], held_s = day->point_held_s[point];
    return isnan(left_s) || held_s > left_s ? held_s : left_s;
}

/* Note until when control holds a vehicle. */
static void note_held(Day *day, const Vehicle *vehicle, double until_s) {
    double *held_s = &day->point_held_s[day->places[vehicle->position].point];
    if (!(*held_s > until_s)) *held_s = until_s;
}

static void note_departure(Day *day, const Vehicle *vehicle, double time_s) {
    if (!day->input->rules.keeps_headways) return;
    day->point_departure_s[day->places[vehicle->position].point] = time_s;
    day->trip_left_visit[vehicle->trip] = vehicle->visit;
    day->trip_left_s[vehicle->trip] = time_s;
}

/* When the trip behind is expected at the stop of a visit; NaN where none is behind. */
static double next_arrival_s(const Day *day, int64_t visit) {
    const Timetable *table = &day->input->timetable;
    int64_t behind = table->visit_after[visit];
    while (behind >= 0 && table->trip_cancelled[table->visit_trip[behind]]) behind = table->visit_after[behind];
    if (behind < 0) return NAN;
    int64_t trip = table->visit_trip[behind], last = day->trip_left_visit[trip];
    double time_s = day->trip_left_s[trip];
    if (last < 0) {
        last = table->visit_ptr[trip];
        time_s = day->input->chance.dispatch_s[trip];
    } else if (last >= behind) {
        return NAN;
    }
    return time_s + table->scheduled_arrival_s[behind] - table->scheduled_departure_s[last];
}

/* How long the rule holds a vehicle that is ready to leave. */
static double holding_s(const Day *day, const Vehicle *vehicle, double ready_s) {
    const Holding *rule = &day->input->holding;
    const Timetable *table = &day->input->timetable;
    double held_s = 0.0;
    if (rule->kind == HOLDING_SCHEDULE) {
        held_s = larger_of(0.0, table->scheduled_departure_s[vehicle->visit] - ready_s);
    } else if (rule->kind == HOLDING_FORWARD_HEADWAY) {
        double planned_s = isnan(rule->headway_s) ? planned_headway_s(day, vehicle->visit) : rule->headway_s;
        held_s = rule->slack_s;
        if (!isnan(planned_s) && !isnan(vehicle->headway_s))
            held_s = rule->slack_s + rule->gain * (planned_s - vehicle->headway_s);
    } else if (rule->kind == HOLDING_EVEN_HEADWAY) {
        double next_s = next_arrival_s(day, vehicle->visit);
        double left_s = left_in_front_s(day, vehicle);
        if (!isnan(next_s) && !isnan(left_s)) held_s = larger_of(0.0, ((next_s - ready_s) - (ready_s - left_s)) / 2.0);
    } else if (rule->kind == HOLDING_HEADWAY_THRESHOLD) {
        double planned_s = isnan(rule->headway_s) ? planned_headway_s(day, vehicle->visit) : rule->headway_s;
        double left_s = left_in_front_s(day, vehicle);
        if (!isnan(planned_s) && !isnan(left_s)) held_s = larger_of(0.0, planned_s - (ready_s - left_s));
    }
    if (!rule->allow_negative) held_s = larger_of(held_s, 0.0);
    return round_tick(held_s > rule->most_s ? rule->most_s : held_s);
}

/* Whether the stop is passed at a time without being served. */
static int is_closed(const Day *day, const Place *place, double time_s) {
    const StopRoom *stops = &day->input->stops;
    int64_t stop = place->stop;
    if (!(place->flags & CLOSES)) return 0;
    for (int64_t at = stops->closed_ptr[stop]; at < stops->closed_ptr[stop + 1]; at++)
        if (stops->closed_start_s[at] <= time_s && time_s < stops->closed_end_s[at]) return 1;
    return 0;
}

/* The first time from `time_s` on at which the way to the next stop is open. */
static double open_road_s(Day *day, const Vehicle *vehicle, double time_s) {
    const Positions *positions = &day->input->positions;
    if (!(day->places[vehicle->position].flags & IS_HINDERED)) return time_s;
    for (int64_t at = positions->closure_ptr[vehicle->position]; at < positions->closure_ptr[vehicle->position + 1]; at++) {
        if (positions->closure_start_s[at] <= time_s && time_s < positions->closure_end_s[at]) {
            time_s = positions->closure_end_s[at];
            hinder(day, vehicle->visit, DISRUPTION_LINK_CLOSED);
        }
    }
    return time_s;
}

static int breaks_down(const Day *day, const Vehicle *vehicle, double time_s) {
    if (vehicle->trouble < 0) return 0;
    int64_t visit = day->input->breakdowns.visit[vehicle->trouble];
    return visit == vehicle->visit || (visit < 0 && time_s >= day->input->breakdowns.after_s[vehicle->trouble]);
}
