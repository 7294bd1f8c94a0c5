/*
 * How a goal's subtasks travel between coordinators and device agents, for the model checker spin.
 * What stands for which place of the code, and what is left out: docs/protocol-model.md. Run: scripts/check-protocol.
 *
 * One configuration is chosen with -D:
 *   OWNERS=n       starts of a coordinator, each with an epoch of its own; the next may start at any moment, whether the one
 *                  before has died, hangs, or only looks dead and goes on (1 to 3; 2 when left out)
 *   SHARED_DEVICE  two goals and one device, instead of one goal and two devices
 *   ALONE          one goal and one device, and so nothing to recall, which leaves room for more to go wrong
 *   REPEATABLE     the work only looks: doing it twice does no harm, so it is given to another device without asking
 *   CANCEL         a person may cancel each goal
 *   BOUNDED        a network that loses and duplicates LOSSES and DUPLICATES messages and a world with CRASHES crashes, for
 *                  what must happen some day. Otherwise each message may arrive any number of times, in any order or never, and
 *                  devices crash without end.
 * A safeguard is switched off with -DNO_...; then spin must find what goes wrong.
 */
#ifndef OWNERS
#define OWNERS 2
#endif

#define SUBTASKS 2
#ifdef SHARED_DEVICE
#define GOALS 2
#define DEVICES 1
#define GOAL(s) (s)
#define DEVICE(s) 0
#elif defined(ALONE)
#define GOALS 1
#define DEVICES 1
#define GOAL(s) (NOBODY * (s))
#define DEVICE(s) (NOBODY * (s))
#else
#define GOALS 1
#define DEVICES 2
#define GOAL(s) 0
#define DEVICE(s) (s)
#endif
#define NOBODY 9

/* How a subtask or a goal has ended. */
#define OPEN 0
#define DONE 1
#define NOT_DONE 2
#define UNKNOWN 3

/* How far a device is with a subtask; WRITING and CALLED are in its memory alone. */
#define IDLE 0
#define WRITING 1
#define BEGUN 2
#define ISSUED 3
#define CALLED 4
#define ANSWERED 5

/* The world. Nobody can read it; it judges. */
byte world[GOALS];

/* The ledger: what every coordinator of the site finds on disk. */
byte owner_on_disk = 0;
byte current[GOALS] = NOBODY;
bool assigned[SUBTASKS];
byte ended[SUBTASKS];
bool cancelled[GOALS];
byte answer[GOALS];

/* Time: whether a subtask's time-out has passed. A device's clock may be behind or ahead, so that it may think either. */
bool issued[SUBTASKS];
bool late[SUBTASKS];
#ifdef BOUNDED
#define MAY_HOLD_TO_BE_LATE(s) late[s]
#else
#define MAY_HOLD_TO_BE_LATE(s) true
#endif

/* What devices keep on disk. */
byte epoch[DEVICES];
bool known[SUBTASKS];
byte record[SUBTASKS];
byte final[SUBTASKS];

/* The highest epoch that a device ever heard of: what it must never forget. */
byte heard[DEVICES];

/* Messages under way: one bit for each that can be told from others. */
#define AT(s, e) (((e) - 1) * SUBTASKS + (s))
#define BOXES (OWNERS * SUBTASKS)
bool started[OWNERS + 1];
bool order[BOXES];
bool cancel[BOXES];
#ifdef BOUNDED
#define EARLY_POLLS
bool poll[BOXES];
bool not_known[BOXES];
#define SAY_NOT_KNOWN(s, e) SEND(not_known[AT(s, e)])
#else
#define SAY_NOT_KNOWN(s, e) skip
#endif
bool late_poll[BOXES];
#ifdef NO_RECALL_BEFORE_REASSIGNING
bool not_known_late[BOXES];
#define SAY_NOT_KNOWN_LATE(s, e) SEND(not_known_late[AT(s, e)])
#else
#define SAY_NOT_KNOWN_LATE(s, e) skip  /* it is recalled with or without that */
#endif
bool said_done[SUBTASKS];
bool said_not_done[SUBTASKS];
bool said_unknown[SUBTASKS];
#ifdef NO_PROOF_OF_COMPLETION
bool said_accepted[SUBTASKS];
#define SAY_ACCEPTED(s) SEND(said_accepted[s])
#else
#define SAY_ACCEPTED(s) skip  /* nothing depends on it */
#endif

#ifdef BOUNDED
#ifndef LOSSES
#define LOSSES 1
#endif
#ifndef DUPLICATES
#define DUPLICATES 1
#endif
#ifndef CRASHES
#define CRASHES 1
#endif
byte losses = LOSSES;
byte duplicates = DUPLICATES;
byte crashes = CRASHES;
#define SEND(box) if :: box = true :: losses > 0 -> losses-- fi
#define TAKE(box) if :: box = false :: duplicates > 0 -> duplicates-- fi
#define SEND_ONCE(flag, box) flag = true; SEND(box)
#define WAS_SENT(flag, box) flag
#else
/* What was sent once stays under way for ever, so that sending it again changes nothing. */
#define SEND(box) box = true
#define TAKE(box) skip
#define SEND_ONCE(flag, box) box = true
#define WAS_SENT(flag, box) box
#endif

/* ---------------------------------------------------------------- Devices */

/* Whether an epoch is in office is known only to a device that remembers the highest one. */
inline see_epoch(e) {
  in_office = (e >= epoch[d]);
  if
  :: e > epoch[d] -> epoch[d] = e
  :: else
  fi;
#ifdef NO_EPOCH_CHECK
  in_office = true;
#endif
  assert(!in_office || e >= heard[d]);  /* a replaced coordinator is never obeyed */
  if
  :: e > heard[d] -> heard[d] = e
  :: else
  fi
}

inline report(s, end) {
  if
  :: end == DONE -> SEND(said_done[s])
  :: end == NOT_DONE -> SEND(said_not_done[s])
  :: end == UNKNOWN -> SEND(said_unknown[s])
  fi
}

/* Keep the end of a subtask, then say it. */
inline finish(s, end) {
  final[s] = end;
  record[s] = IDLE;
  report(s, end)
}

inline hear_order(s, e) {
  see_epoch(e);
  if
  :: !in_office ->
     printf(">> device %d refuses order %d of epoch %d\n", d, s, e);
#ifdef NO_SILENCE_TO_REPLACED
     SEND(said_not_done[s])
#else
     skip
#endif
#ifndef NO_DEDUP
  :: in_office && known[s] ->
     printf(">> device %d gets order %d again and says where it is\n", d, s);
     if
     :: final[s] != OPEN -> report(s, final[s])
     :: else -> SAY_ACCEPTED(s)
     fi
#endif
#ifdef NO_DEDUP
  :: in_office && (running == s || waiting == s) -> skip
  :: in_office && running != s && waiting != s ->
#else
  :: in_office && !known[s] ->
#endif
     known[s] = true;
     if
     :: MAY_HOLD_TO_BE_LATE(s) ->
        printf(">> device %d holds order %d to be too late and keeps that it will not do it\n", d, s);
        finish(s, NOT_DONE)
     :: printf(">> device %d accepts order %d of epoch %d\n", d, s, e);
        if
        :: waiting != NOBODY -> finish(waiting, NOT_DONE)
        :: else
        fi;
        waiting = s;
        SAY_ACCEPTED(s)
     fi
  fi
}

inline hear_cancel(s, e) {
  see_epoch(e);
  if
  :: !in_office -> skip
  :: in_office && running == s -> printf(">> device %d is to stop %d\n", d, s); stopping = true
  :: in_office && waiting == s -> waiting = NOBODY; finish(s, NOT_DONE)
  :: in_office && running != s && waiting != s && final[s] != OPEN -> report(s, final[s])
  :: in_office && running != s && waiting != s && final[s] == OPEN ->
     printf(">> device %d is to stop %d, which it never saw\n", d, s);
#ifdef NO_MEMORY_OF_CANCEL
     report(s, NOT_DONE)
#else
     known[s] = true;
     finish(s, NOT_DONE)
#endif
  fi
}

inline hear_poll(s, e, is_late) {
  see_epoch(e);
  if
  :: !in_office -> skip
  :: in_office && final[s] != OPEN -> report(s, final[s])
  :: in_office && final[s] == OPEN && known[s] -> SAY_ACCEPTED(s)
  :: in_office && final[s] == OPEN && !known[s] ->
     printf(">> device %d says that it does not know %d\n", d, s);
     if
     :: is_late -> SAY_NOT_KNOWN_LATE(s, e)
     :: !is_late -> SAY_NOT_KNOWN(s, e)
     fi
  fi
}

#ifdef EARLY_POLLS
#define HEAR_POLL(s, e) \
  :: atomic { DEVICE(s) == d && poll[AT(s, e)] -> TAKE(poll[AT(s, e)]); hear_poll(s, e, false) }
#else
#define HEAR_POLL(s, e)
#endif
#define HEAR_ABOUT(s, e) \
  :: atomic { DEVICE(s) == d && cancel[AT(s, e)] -> TAKE(cancel[AT(s, e)]); hear_cancel(s, e) } \
  HEAR_POLL(s, e) \
  :: atomic { DEVICE(s) == d && order[AT(s, e)] -> TAKE(order[AT(s, e)]); hear_order(s, e) } \
  :: atomic { DEVICE(s) == d && late_poll[AT(s, e)] -> TAKE(late_poll[AT(s, e)]); hear_poll(s, e, true) }

/* The retained presence of a coordinator. */
#define HEAR_OF(e) \
  :: atomic { started[e] && epoch[d] < e -> printf(">> device %d hears of epoch %d\n", d, e); see_epoch(e) }

#if defined(REPEATABLE) || defined(NO_UNKNOWN_OUTCOME)
#define MAY_HAVE_CALLED(s) false
#else
#define MAY_HAVE_CALLED(s) record[s] == ISSUED
#endif
#ifdef NO_PERSISTED_EPOCH
#define FORGETS_EPOCH (epoch[d] > 0)
#else
#define FORGETS_EPOCH false
#endif
#define WAKE_UP(s) \
  if \
  :: DEVICE(s) == d && known[s] && final[s] == OPEN && record[s] == IDLE -> WITHOUT_RECORD(s) \
  :: DEVICE(s) == d && MAY_HAVE_CALLED(s) -> \
     printf(">> device %d was cut off in a call for %d: its outcome is unknown\n", d, s); finish(s, UNKNOWN) \
  :: DEVICE(s) == d && record[s] != IDLE && !(MAY_HAVE_CALLED(s)) -> running = s; step = record[s] \
  :: else \
  fi

#ifdef NO_END_OF_WHAT_WAS_NOT_BEGUN
#define WITHOUT_RECORD(s) skip
#else
#define WITHOUT_RECORD(s) \
  printf(">> device %d is back, and keeps that %d was never begun\n", d, s); finish(s, NOT_DONE)
#endif

inline call_the_machine() {
  printf(">> device %d calls its machine for %d\n", d, running);
#ifndef REPEATABLE
  assert(world[GOAL(running)] == 0);  /* nothing is done twice */
#endif
  assert(ended[running] != NOT_DONE && final[running] != NOT_DONE);  /* nor after someone was told that it is not done */
  assert(answer[GOAL(running)] != NOT_DONE);
  world[GOAL(running)] = 1
}

inline stop_working(end) {
  printf(">> device %d keeps the end of %d: %d (1 done, 2 not done, 3 not known)\n", d, running, end);
  finish(running, end);
  running = NOBODY; step = IDLE; stopping = false
}

proctype Device(byte d) {
  bool in_office;
  byte running = NOBODY;
  byte waiting = NOBODY;
  byte step = IDLE;
  bool stopping;

end_listening:
  do
  HEAR_ABOUT(0, 1)
  HEAR_ABOUT(1, 1)
  HEAR_OF(1)
#if OWNERS > 1
  HEAR_ABOUT(0, 2)
  HEAR_ABOUT(1, 2)
  HEAR_OF(2)
#endif
#if OWNERS > 2
  HEAR_ABOUT(0, 3)
  HEAR_ABOUT(1, 3)
  HEAR_OF(3)
#endif

  /* Work, one subtask after another. */
  :: atomic { running == NOBODY && waiting != NOBODY ->
       running = waiting;
       waiting = NOBODY;
       step = WRITING }
  :: atomic { step == WRITING ->
       if
       :: stopping -> stop_working(NOT_DONE)
       :: printf(">> device %d cannot do %d\n", d, running); stop_working(NOT_DONE)
       :: !stopping -> record[running] = BEGUN; step = BEGUN
       fi }
  :: atomic { step == BEGUN ->
       if
       :: stopping -> stop_working(NOT_DONE)
       :: !stopping ->
#ifndef NO_RECORD_BEFORE_CALL
          printf(">> device %d keeps that it is about to call its machine for %d\n", d, running);
          record[running] = ISSUED;
#endif
          step = ISSUED
       fi }
  :: atomic { step == ISSUED ->
       if
       :: call_the_machine(); step = CALLED
       :: call_the_machine(); stop_working(UNKNOWN)
       :: stop_working(UNKNOWN)
       fi }
  :: atomic { step == CALLED -> record[running] = ANSWERED; step = ANSWERED }
  :: atomic { step == ANSWERED -> stop_working(DONE) }

  /* A crash takes what is in memory. What was not begun is given up, what was begun goes on as far as that is safe. */
#ifdef BOUNDED
  :: atomic { crashes > 0 -> crashes--;
#else
  :: atomic { (running != NOBODY || waiting != NOBODY || FORGETS_EPOCH) ->
#endif
       printf(">> device %d crashes and starts again\n", d);
       running = NOBODY; waiting = NOBODY; step = IDLE; stopping = false;
#ifdef NO_PERSISTED_EPOCH
       epoch[d] = 0;
#endif
       WAKE_UP(0);
       WAKE_UP(1) }
  od
}

/* ----------------------------------------------------------- Coordinators */

/* An entry of the ledger, if this coordinator still owns the site; a replaced one stops. */
#ifdef NO_FENCE
#define OWNS_SITE true
#else
#define OWNS_SITE (owner_on_disk == e)
#endif
#define APPEND(entry) if :: OWNS_SITE -> entry :: !OWNS_SITE -> goto replaced fi

#define ANSWER(end) \
  APPEND(printf(">> coordinator %d answers goal %d: %d (1 done, 2 not done, 3 not known)\n", e, g, end); \
         assert(answer[g] == OPEN); \
         assert((end) != DONE || world[g] > 0); \
         assert((end) != NOT_DONE || world[g] == 0); \
         answer[g] = end); \
  goto over

#define ASSIGN(s) \
  APPEND(printf(">> coordinator %d writes down that subtask %d is for device %d\n", e, s, DEVICE(s)); \
         assigned[s] = true; issued[s] = true; current[g] = s); \
  now = s; FORGET_WHAT_WAS_SENT

#define END(end) \
  APPEND(printf(">> coordinator %d writes down the end of subtask %d: %d (1 done, 2 not done, 3 not known)\n", e, now, end); \
         ended[now] = end)

#define IS_OPEN (now != NOBODY && ended[now] == OPEN)

#ifdef BOUNDED
#define FORGET_WHAT_WAS_SENT is_sent = false; is_polled = false; is_polled_late = false; is_recalled = false
#else
#define FORGET_WHAT_WAS_SENT skip
#endif

proctype Goal(byte e; byte g) {
  byte now = NOBODY;
#ifdef BOUNDED
  bool is_sent;
  bool is_polled;
  bool is_polled_late;
  bool is_recalled;
  bool is_told_to_stop;
#endif

  /* The owner before need not be dead: it may be slow, and its messages may still come. */
  (e == 1 || started[e - 1]);
  atomic {
    if
    :: owner_on_disk < e -> owner_on_disk = e; printf(">> coordinator %d takes the site\n", e)
    :: else
    fi;
    started[e] = true
  }
#ifdef NO_TAKE_UP
  (e == 1);
#endif
  atomic {
    if
    :: answer[g] != OPEN -> goto over
    :: else
    fi;
#ifndef NO_SAME_SUBTASK_AFTER_RESTART
    now = current[g]
#endif
  }

  do
  /* Give it to a device: written down first, sent afterwards. */
#ifdef NO_LEDGER_BEFORE_SENDING
  :: atomic { now == NOBODY && !cancelled[g] ->
       if
       :: GOAL(0) == g -> now = 0
       :: GOAL(1) == g && (GOALS > 1 || e > 1) -> now = 1
       fi;
       issued[now] = true;
       printf(">> coordinator %d sends order %d to device %d\n", e, now, DEVICE(now));
       SEND(order[AT(now, e)]) };
     atomic { ASSIGN(now) }
#else
  :: atomic { now == NOBODY && !cancelled[g] ->
       if
       :: GOAL(0) == g -> ASSIGN(0)
       :: GOAL(1) == g && (GOALS > 1 || e > 1) -> ASSIGN(1)  /* of two devices that are alike the first is taken */
       fi }
#endif
  :: atomic { IS_OPEN && !cancelled[g] && !late[now] && !WAS_SENT(is_sent, order[AT(now, e)]) ->
       printf(">> coordinator %d sends order %d to device %d\n", e, now, DEVICE(now));
       SEND_ONCE(is_sent, order[AT(now, e)]) }

  /* Ask a silent device, once before its time is over and once after. Who does not know the order gets it again, or gives it back. */
#ifdef EARLY_POLLS
  :: atomic { IS_OPEN && !late[now] && WAS_SENT(is_sent, order[AT(now, e)]) && !WAS_SENT(is_polled, poll[AT(now, e)]) ->
       printf(">> coordinator %d asks device %d about %d\n", e, DEVICE(now), now);
       SEND_ONCE(is_polled, poll[AT(now, e)]) }
#endif
#ifdef BOUNDED
  :: atomic { IS_OPEN && !late[now] && not_known[AT(now, e)] && is_sent ->
       TAKE(not_known[AT(now, e)]); is_sent = false }
#endif
  :: atomic { IS_OPEN && late[now] && !WAS_SENT(is_polled_late, late_poll[AT(now, e)]) ->
       printf(">> coordinator %d asks device %d about %d, whose time is over\n", e, DEVICE(now), now);
       SEND_ONCE(is_polled_late, late_poll[AT(now, e)]) }

  /* What devices say. */
  :: atomic { IS_OPEN && said_done[now] -> TAKE(said_done[now]); END(DONE) }
  :: atomic { IS_OPEN && said_not_done[now] -> TAKE(said_not_done[now]); END(NOT_DONE) }
  :: atomic { IS_OPEN && said_unknown[now] -> TAKE(said_unknown[now]); END(UNKNOWN) }
#ifdef NO_PROOF_OF_COMPLETION
  :: atomic { IS_OPEN && said_accepted[now] -> TAKE(said_accepted[now]); END(DONE) }
#endif
#ifdef NO_POLL_BEFORE_REASSIGNING
  :: atomic { IS_OPEN && late[now] -> END(NOT_DONE) }
#endif
#ifdef NO_RECALL_BEFORE_REASSIGNING
  :: atomic { IS_OPEN && late[now] && not_known_late[AT(now, e)] ->
       TAKE(not_known_late[AT(now, e)]); END(NOT_DONE) }
#elif !defined(ALONE)
  /* A device that does not know it may still get it, and its clock may be behind: it has to say that it never begins it. */
  :: atomic { IS_OPEN && late[now] && WAS_SENT(is_polled_late, late_poll[AT(now, e)]) &&
              !WAS_SENT(is_recalled, cancel[AT(now, e)]) ->
       printf(">> coordinator %d recalls %d from device %d\n", e, now, DEVICE(now));
       SEND_ONCE(is_recalled, cancel[AT(now, e)]) }
#endif

  /* Nothing is waited for without end. */
  :: atomic { IS_OPEN && late[now] && WAS_SENT(is_polled_late, late_poll[AT(now, e)]) -> END(UNKNOWN) }

  /* Another device, or the answer. */
  :: atomic { now != NOBODY && ended[now] == DONE -> ANSWER(DONE) }
#ifdef REPEATABLE
#define MAY_GO_ELSEWHERE (ended[now] == NOT_DONE || ended[now] == UNKNOWN)
#else
#define MAY_GO_ELSEWHERE (ended[now] == NOT_DONE)
#endif
#if DEVICES > 1
#define ELSEWHERE_IS_LEFT (MAY_GO_ELSEWHERE && !cancelled[g] && !assigned[1 - now])
#define ELSEWHERE_IS_UNKNOWN (ended[1 - now] == UNKNOWN)
  :: atomic { now != NOBODY && ended[now] != OPEN && ELSEWHERE_IS_LEFT -> ASSIGN(1 - now) }
#else
#define ELSEWHERE_IS_LEFT false
#define ELSEWHERE_IS_UNKNOWN false
#endif
  :: atomic { now != NOBODY && ended[now] != OPEN && ended[now] != DONE && !(ELSEWHERE_IS_LEFT) ->
       if
       :: ended[now] == NOT_DONE && !ELSEWHERE_IS_UNKNOWN -> ANSWER(NOT_DONE)
       :: else -> ANSWER(UNKNOWN)
       fi }

#ifdef CANCEL
  /* A person does not want it any more: written down before devices are told. */
  :: atomic { !cancelled[g] ->
       APPEND(printf(">> goal %d is cancelled\n", g); cancelled[g] = true) }
  :: atomic { cancelled[g] && now == NOBODY -> ANSWER(NOT_DONE) }
  :: atomic { cancelled[g] && IS_OPEN && !WAS_SENT(is_told_to_stop, cancel[AT(now, e)]) ->
       printf(">> coordinator %d tells device %d to stop %d\n", e, DEVICE(now), now);
       SEND_ONCE(is_told_to_stop, cancel[AT(now, e)]) }
  :: atomic { cancelled[g] && IS_OPEN && WAS_SENT(is_told_to_stop, cancel[AT(now, e)]) -> END(UNKNOWN) }
#endif

#ifdef BOUNDED
  :: atomic { e < OWNERS && crashes > 0 ->
       crashes--; printf(">> coordinator %d crashes\n", e); goto dead }
#endif
  od;

replaced:
  printf(">> coordinator %d finds that it was replaced, and stops\n", e);
over:
dead:
  now = NOBODY
}

/* ------------------------------------------------------------------- Time */

proctype Clock() {
end_ticking:
  do
  :: atomic { issued[0] && !late[0] -> printf(">> the time of subtask 0 is over\n"); late[0] = true }
  :: atomic { issued[1] && !late[1] -> printf(">> the time of subtask 1 is over\n"); late[1] = true }
  od
}

init {
  atomic {
    run Device(0);
#if DEVICES > 1
    run Device(1);
#endif
    run Clock();
    run Goal(1, 0);
#if GOALS > 1
    run Goal(1, 1);
#endif
#if OWNERS > 1
    run Goal(2, 0);
#if GOALS > 1
    run Goal(2, 1);
#endif
#endif
#if OWNERS > 2
    run Goal(3, 0);
#if GOALS > 1
    run Goal(3, 1);
#endif
#endif
  }
}

/* What must happen some day. */
#if GOALS > 1
ltl answered { <> (answer[0] != OPEN && answer[1] != OPEN) }
#else
ltl answered { <> (answer[0] != OPEN) }
#endif
ltl kept { [] ((known[0] -> <> (final[0] != OPEN)) && (known[1] -> <> (final[1] != OPEN))) }
