/* What people with real time do at a stop. As sim/engine/real_time.py, step by step. */

#define TIE_S 1e-6
#define SPARE_S 0.01

/* Note that a vehicle is at a visit from a time on. */
static void reach(Day *day, int64_t visit, double time_s) {
    day->visits[visit].arrival_s = time_s;
    if (!day->trip_reached) return;
    double late_s = time_s - day->input->timetable.scheduled_arrival_s[visit];
    day->trip_reached[day->input->timetable.visit_trip[visit]] = (int32_t)visit;
    if (late_s < day->least_late_s) day->least_late_s = late_s;
}

/* Whether a vehicle is still to come to a visit, as far as people know. */
static int still_comes(const Day *day, int64_t visit) {
    const Input *in = day->input;
    int64_t trip = in->timetable.visit_trip[visit], row = in->timetable.trip_breakdown[trip];
    if (day->trip_reached[trip] >= visit || in->timetable.trip_cancelled[trip]) return 0;
    return !(day->broken_visit[trip] >= 0 && row >= 0 && in->breakdowns.ends_trip[row]);
}

/* The first row of a leg whose vehicle is due at a time or later. */
static int64_t first_due(const Day *day, int64_t leg, double time_s) {
    const RealTime *known = &day->input->real_time;
    const double *due_s = day->input->timetable.scheduled_departure_s;
    int64_t low = known->ptr[leg], high = known->ptr[leg + 1];
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (due_s[known->visit[middle]] < time_s) low = middle + 1;
        else high = middle;
    }
    return low;
}

/* What waiting for a leg costs from a time on, where all are on time. */
static double waiting_cost_s(const Day *day, int64_t leg, double time_s) {
    const RealTime *known = &day->input->real_time;
    int64_t row = first_due(day, leg, time_s);
    return row < known->ptr[leg + 1] ? known->least_s[row] - known->wait_weight * time_s : INFINITY;
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

/* The first row of a leg from one on whose vehicle still comes; `end` where there is none. A vehicle that has come does
 * not come again, so that its rows are passed over once and from then on in one step. */
static int64_t next_coming(Day *day, int64_t row, int64_t end) {
    const int64_t *visit = day->input->real_time.visit;
    int64_t found = row;
    while (found < end) {
        if (day->coming_row[found] == found && still_comes(day, visit[found])) break;
        if (day->coming_row[found] == found) day->coming_row[found] = (int32_t)(found + 1);
        found = day->coming_row[found];
    }
    while (row < found) {
        int64_t next = day->coming_row[row];
        day->coming_row[row] = (int32_t)found;
        row = next;
    }
    return found;
}

/* The last row of a leg with a visit; -1 where there is none. */
static int64_t row_of_visit(const Day *day, int64_t leg, int64_t visit) {
    const RealTime *known = &day->input->real_time;
    const double *due_s = day->input->timetable.scheduled_departure_s;
    int64_t found = -1;
    for (int64_t row = first_due(day, leg, due_s[visit]); row < known->ptr[leg + 1] && due_s[known->visit[row]] == due_s[visit]; row++)
        if (known->visit[row] == visit) found = row;
    return found;
}

/* Whether no other vehicle is worth more on a leg than the one at a visit, which itself does not come any more. Looked at
 * are those that still come, in order of when they are due, as long as `floor_s` says that they may be worth more. */
static int is_best(Day *day, int64_t leg, int64_t visit, double time_s) {
    const RealTime *known = &day->input->real_time;
    int64_t first = known->ptr[leg], end = known->ptr[leg + 1];
    if (first == end) return 1;
    int64_t mine = row_of_visit(day, leg, visit);
    double mine_s = mine >= 0 ? vehicle_cost_s(day, mine, time_s) : INFINITY;
    double most_s = mine_s + SPARE_S + known->wait_weight * (time_s - day->least_late_s);
    for (int64_t row = next_coming(day, first, end); row < end && known->floor_s[row] <= most_s; row = next_coming(day, row + 1, end)) {
        day->compared[leg]++;
        if (mine_s > vehicle_cost_s(day, row, time_s) + TIE_S) return 0;
    }
    return 1;
}
