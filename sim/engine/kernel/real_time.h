/* What people with real time do at a stop. As sim/engine/real_time.py, step by step. */

#define TIE_S 1e-6

/* Note that a vehicle is at a visit from a time on. */
static void reach(Day *day, int64_t visit, double time_s) {
    day->visits[visit].arrival_s = time_s;
    if (day->trip_reached) day->trip_reached[day->input->timetable.visit_trip[visit]] = (int32_t)visit;
}

/* Whether a vehicle is still to come to a visit, as far as people know. */
static int still_comes(const Day *day, int64_t visit) {
    const Input *in = day->input;
    int64_t trip = in->timetable.visit_trip[visit], row = in->timetable.trip_breakdown[trip];
    if (day->trip_reached[trip] >= visit || in->timetable.trip_cancelled[trip]) return 0;
    return !(day->broken_visit[trip] >= 0 && row >= 0 && in->breakdowns.ends_trip[row]);
}

/* What waiting for a leg costs from a time on, where all are on time. */
static double waiting_cost_s(const Day *day, int64_t leg, double time_s) {
    const RealTime *known = &day->input->real_time;
    const double *due_s = day->input->timetable.scheduled_departure_s;
    int64_t low = known->ptr[leg], end = known->ptr[leg + 1], high = end;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (due_s[known->visit[middle]] < time_s) low = middle + 1;
        else high = middle;
    }
    return low < end ? known->least_s[low] - known->wait_weight * time_s : INFINITY;
}

/* What waiting from a time on for a vehicle and going on in it costs. */
static double vehicle_cost_s(const Day *day, int64_t row, double time_s) {
    const RealTime *known = &day->input->real_time;
    const Timetable *table = &day->input->timetable;
    int64_t visit = known->visit[row], reached = day->trip_reached[table->visit_trip[visit]];
    double due = table->scheduled_departure_s[visit];
    double late_s = reached >= 0 ? day->visits[reached].arrival_s - table->scheduled_arrival_s[reached] : 0.0;
    double leaves_s = larger_of(due + late_s, time_s);
    double cost_s = known->wait_weight * (leaves_s - time_s) + known->onward_s[row];
    if (known->next_leg[row] >= 0)
        cost_s += waiting_cost_s(day, known->next_leg[row], known->ready_s[row] + (leaves_s - due));
    return cost_s;
}

/* Whether no other vehicle is worth more on a leg than the one at a visit. */
static int is_best(const Day *day, int64_t leg, int64_t visit, double time_s) {
    const RealTime *known = &day->input->real_time;
    int64_t first = known->ptr[leg], end = known->ptr[leg + 1];
    if (first == end) return 1;
    double mine_s = INFINITY, least_s = INFINITY;
    for (int64_t row = first; row < end; row++) {
        if (known->visit[row] == visit) {
            mine_s = vehicle_cost_s(day, row, time_s);
        } else if (still_comes(day, known->visit[row])) {
            double cost_s = vehicle_cost_s(day, row, time_s);
            if (cost_s < least_s) least_s = cost_s;
        }
    }
    return mine_s <= least_s + TIE_S;
}
