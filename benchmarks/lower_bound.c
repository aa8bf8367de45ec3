/* The least that any engine for the workload "gridcity" has to do, on one core: what the engine is measured against.
 *
 * Only the rules of this workload, as constants; nothing is recorded but sums. Vehicles and changes wait in one heap,
 * people from home in one array sorted by time, queues and vehicles are lists through people who lie in order of
 * leaving home. Reading, sorting and laying out are not timed.
 *
 * usage: lower_bound work.bin REPEATS      prints one JSON object; compile with -O2 -march=native */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const double LINK_S = 40.0, DOOR_S = 8.0, BOARD_S = 2.0, ALIGHT_S = 1.5, TRANSFER_S = 30.0 + 1.0 / 256;
enum { CAPACITY = 80 };

typedef struct { double time_s; int32_t who, stop; } Event; /* who: a trip, or -1 - person */
typedef struct { int32_t first, last, size; } List;
typedef struct { double leaves_s, joined_s; int32_t leg[6], next, riding; } Person;

static int32_t directions, stops, trips, people;
static double *dispatch_s;
static Person *person;
static Event *heap;
static int64_t heap_size;

static int earlier(Event a, Event b) { return a.time_s < b.time_s || (a.time_s == b.time_s && a.who < b.who); }

static void push(Event event) {
    int64_t at = heap_size++;
    for (; at && earlier(event, heap[(at - 1) / 2]); at = (at - 1) / 2) heap[at] = heap[(at - 1) / 2];
    heap[at] = event;
}

static void replace_first(Event event) {
    int64_t at = 0, child;
    while ((child = 2 * at + 1) < heap_size) {
        if (child + 1 < heap_size && earlier(heap[child + 1], heap[child])) child++;
        if (!earlier(heap[child], event)) break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = event;
}

static void pop(void) {
    Event last = heap[--heap_size];
    if (heap_size) replace_first(last);
}

static void append(List *list, int32_t who) {
    person[who].next = -1;
    if (list->first < 0) list->first = who;
    else person[list->last].next = who;
    list->last = who;
    list->size++;
}

static int by_leaving(const void *a, const void *b) {
    const Person *one = a, *other = b; /* `next` holds the row in the file, so that the order is one */
    if (one->leaves_s != other->leaves_s) return one->leaves_s < other->leaves_s ? -1 : 1;
    return one->next - other->next;
}

static void *space(size_t n, size_t size) {
    void *array = calloc(n ? n : 1, size);
    if (!array) exit(1);
    return array;
}

static void take(void *to, size_t size, size_t n, FILE *file) {
    if (fread(to, size, n, file) != n) exit(1);
}

static void read_workload(const char *path) {
    FILE *file = fopen(path, "rb");
    int32_t head[4];
    if (!file) exit(1);
    take(head, 4, 4, file);
    directions = head[0], stops = head[1], trips = head[2], people = head[3];
    dispatch_s = space((size_t)directions * trips, 8);
    double *leaves_s = space(people, 8);
    person = space(people, sizeof(Person));
    take(dispatch_s, 8, (size_t)directions * trips, file);
    take(leaves_s, 8, people, file);
    for (int32_t row = 0; row < people; row++) {
        take(person[row].leg, 4, 6, file);
        person[row].leaves_s = leaves_s[row];
        person[row].next = row;
    }
    fclose(file);
    free(leaves_s);
    qsort(person, people, sizeof(Person), by_leaving);
}

typedef struct { int64_t boarded, left_behind, arrived; double wait_s, travel_s; } Sums;

static Sums run(List *queue, List *riders, int32_t *load) {
    Sums sums = {0};
    int32_t home = 0;
    heap_size = 0;
    memset(load, 0, (size_t)directions * trips * sizeof *load);
    for (int64_t at = 0; at < (int64_t)directions * stops; at++) queue[at] = (List){-1, -1, 0};
    for (int64_t at = 0; at < (int64_t)directions * trips * stops; at++) riders[at] = (List){-1, -1, 0};
    for (int32_t row = 0; row < people; row++) person[row].riding = 0;
    for (int32_t trip = 0; trip < directions * trips; trip++) push((Event){dispatch_s[trip], trip, 0});
    while (heap_size) {
        Event event = heap[0];
        for (; home < people && person[home].leaves_s <= event.time_s; home++) {
            person[home].joined_s = person[home].leaves_s;
            append(&queue[person[home].leg[0] * stops + person[home].leg[1]], home);
        }
        if (event.who < 0) {
            int32_t who = -1 - event.who;
            pop();
            person[who].joined_s = event.time_s;
            person[who].riding = 1;
            append(&queue[person[who].leg[3] * stops + person[who].leg[4]], who);
            continue;
        }
        List out = riders[(int64_t)event.who * stops + event.stop];
        List *wait = &queue[event.who / trips * stops + event.stop];
        int32_t in = 0, onward;
        load[event.who] -= out.size;
        if (event.stop < stops - 1) {
            int32_t room = CAPACITY - load[event.who];
            in = wait->size < room ? wait->size : room;
            double leaves_s = event.time_s + DOOR_S + ALIGHT_S * out.size + BOARD_S * in;
            replace_first((Event){leaves_s + LINK_S, event.who, event.stop + 1});
            sums.left_behind += wait->size - in;
        } else {
            pop();
        }
        double time_s = event.time_s;
        for (int32_t who = out.first; who >= 0; who = onward) {
            onward = person[who].next;
            time_s += ALIGHT_S;
            if (!person[who].riding && person[who].leg[3] >= 0) {
                push((Event){time_s + TRANSFER_S, -1 - who, 0});
            } else {
                sums.arrived++;
                sums.travel_s += time_s - person[who].leaves_s;
            }
        }
        for (int32_t count = 0; count < in; count++) {
            int32_t who = wait->first;
            wait->first = person[who].next;
            time_s += BOARD_S;
            sums.wait_s += time_s - person[who].joined_s;
            append(&riders[(int64_t)event.who * stops + person[who].leg[person[who].riding ? 5 : 2]], who);
        }
        wait->size -= in;
        load[event.who] += in;
        sums.boarded += in;
    }
    return sums;
}

static int rising(const void *a, const void *b) { return *(const double *)a < *(const double *)b ? -1 : 1; }

int main(int argc, char **argv) {
    if (argc != 3) return 2;
    read_workload(argv[1]);
    int repeats = atoi(argv[2]);
    List *queue = space((size_t)directions * stops, sizeof(List));
    List *riders = space((size_t)directions * trips * stops, sizeof(List));
    int32_t *load = space((size_t)directions * trips, sizeof(int32_t));
    double *took_s = space(repeats, sizeof(double));
    heap = space((size_t)directions * trips + people, sizeof(Event));
    Sums sums = {0};
    for (int at = 0; at < repeats; at++) {
        struct timespec start, end;
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
        sums = run(queue, riders, load);
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
        took_s[at] = (double)(end.tv_sec - start.tv_sec) + 1e-9 * (double)(end.tv_nsec - start.tv_nsec);
    }
    qsort(took_s, repeats, sizeof(double), rising);
    printf("{\"simulate_s\": %.6f, \"wait_s\": %.6f, \"travel_s\": %.6f, \"left_behind\": %lld, \"arrived\": %lld}\n",
           took_s[repeats / 2], sums.wait_s / (double)sums.boarded, sums.travel_s / (double)sums.arrived, (long long)sums.left_behind,
           (long long)sums.arrived);
    return 0;
}
