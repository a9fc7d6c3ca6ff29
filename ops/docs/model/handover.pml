/*
 * One partition of `callbacks`, two instances of consumer: the commit of batches and the hand-over
 * of the partition. README.md says what is checked, how to run it, and what is left out.
 *
 * A step is what a thread does between two answers of Kafka. Every step can be late, so a frozen
 * process needs no step of its own; World may crash an instance between any two.
 */

#ifndef FAULTS
#define FAULTS 2                    /* At most so many, of any kinds. */
#endif

#ifndef READERS
#define READERS 0                   /* 1: judge by what readers of committed records get, alone. */
#endif

/* The log of `callbacks`: offset 2 is a redelivery of offset 0. */
#define RECORDS 3
#define FactsAt(offsets) ((((offsets) | (offsets) >> 2) & 1) | ((offsets) & 2))

/* Where a transaction writes. With FORGETS, fact 1 becomes a dead letter. */
#define PROCESSES 0
#define SEEN 1
#define DEAD 2
#define OFFSETS 3
#ifdef FORGETS
#define LogOf(fact) ((fact) * DEAD)
#define OfResults 1
#else
#define LogOf(fact) PROCESSES
#define OfResults 3
#endif

#define Bit(n) (1 << (n))
#define Has(set, n) (((set) >> (n)) & 1)
/* How often each fact is there: fact 0 in the lower two bits, fact 1 in the next. */
#define Once(facts) (((facts) & 1) | ((facts) & 2) << 1)
#define Count(counts, fact) ((counts) >> (2 * (fact)) & 3)
#define FactsIn(counts) ((Count(counts, 0) > 0) | (Count(counts, 1) > 0) << 1)

/* ---- Kafka ---------------------------------------------------------------------------------- */

typedef Log {                       /* A partition of processes, callbacks.seen, callbacks.dead. */
  byte open[2];                     /* By producer: records that no marker has ended. */
  byte visible;                     /* What a reader of committed records gets, sooner or later. */
  unsigned granted : 2;             /* Ghost, a bit a producer: `open` was decided as committed. */
  unsigned stale : 2;               /* Ghost, likewise: it is from before the last hand-over. */
}
Log log[3];

unsigned committed : 2;             /* The group's offset. */
byte pending[2];                    /* By producer: one more than the offset it has sent, or 0. */
bit is_older[2];                    /* The other one has sent its offset later, */
bit is_overtaken[2];                /* and has committed it: this one cannot replace it. */

mtype:transaction = { complete, ongoing, decided };
typedef Coordinator {               /* Of one transactional id. */
  mtype:transaction state = complete;
  bit commits;                      /* The last decision. */
  unsigned places : 4;              /* Those added; once it is decided, those without a marker. */
  bit has_fenced;                   /* The instance's producer has an old epoch. */
}
Coordinator coordinator[2];

bit owner;                          /* Of the partition, as the group has it, */
unsigned era : 4 = 1;               /* and its generation and member id, in one number. */
#define NOBODY 0                    /* Generation -1 and no member id. */

/* A request whose sender has given it up, and which may still arrive. */
mtype:request = { none, end_commit, end_abort, send_offsets };
typedef Late {
  mtype:request kind = none;
  bit producer;
  bit is_fenced;
  unsigned era : 4;
  unsigned offset : 2;
}
Late late;

/* ---- An instance ---------------------------------------------------------------------------- */

mtype:task = { revoked, wants_offset, wants_results, wants_end, reads_markers, running };
mtype:flow = { idle, under_way, abandoned };
mtype:committer = { discarded, ready, producing, sending, ending, aborting };
mtype:report = { no_report, was_committed, was_aborted, is_unknown };

typedef Instance {
  /* The lane: Lane, Task, CommitFlow. */
  mtype:task task = revoked;
  mtype:flow flow = idle;
  bit must_join;                    /* Its process is new. */
  unsigned era : 4;                 /* As its client knows it. */
  unsigned base : 2;                /* Task::committed_ */
  unsigned in_hand : 3;             /* Offsets that are taken and not committed. */
  unsigned table : 2;               /* DedupTable: facts. */
  byte awaited[2];                  /* By producer: markers that the restore waits for. */
  /* The committer: KafkaCommitter, RunTransaction. */
  mtype:committer committer = ready;
  mtype:report report = no_report;
  unsigned batch : 3;               /* The offsets that it disposes of. */
  unsigned offset : 2;              /* The low-water mark that it carries. */
  unsigned batch_era : 4;
  unsigned todo : 3;                /* Logs still to be written to. */
  bit is_ambiguous;                 /* RequestWatch::has_unanswered() */
}
Instance inst[2];
#define self inst[i]

unsigned faults : 4 = FAULTS;
unsigned handed_over : 4;           /* Ghost: the era whose restore was completed last. */

#include "evidence.pml"

/* ---- The guards: each can be left out ------------------------------------------------------- */

#ifdef NO_A1
#define IsOffsetSent(i) (self.offset != self.base)
#else
#define IsOffsetSent(i) true
#endif
#ifdef NO_A2
#define IsUnfenceableSent(i) (self.era != era)
#else
#define IsUnfenceableSent(i) false
#endif
#ifdef NO_A3
#define MustRecycle(i) false
#else
#define MustRecycle(i) self.is_ambiguous
#endif
#ifdef NO_GENERATION
#define IsAccepted(claim) true
#else
#define IsAccepted(claim) ((claim) == era || (claim) == NOBODY)
#endif
#ifdef NO_WAIT_COMMITTER
#define IsCommitterIdle(i) true
#else
#define IsCommitterIdle(i) (self.flow == idle)
#endif
#ifdef NO_WAIT_OFFSETS
#define IsOffsetStable true
#else
#define IsOffsetStable (pending[0] == 0 && pending[1] == 0)
#endif
#ifdef NO_WAIT_RESULTS
#define AreResultsClean true
#else
#define AreResultsClean IsClean(PROCESSES)
#endif
#ifdef NO_WAIT_MARKERS
#define ToRestore(counts) 0
#else
#define ToRestore(counts) (counts)
#endif
#ifdef NO_DEDUP
#define Known(i) 0
#else
#define Known(i) self.table
#endif
#ifdef NO_UNKNOWN
#define IsRestoredAgain(i) false
#else
#define IsRestoredAgain(i) (self.report == is_unknown)
#endif

/* ---- What must hold ------------------------------------------------------------------------- */

#define IsClean(place) (log[place].open[0] == 0 && log[place].open[1] == 0)
#define WillBeVisible(fact, id) \
  (Has(log[LogOf(fact)].granted, id) && Count(log[LogOf(fact)].open[id], fact) > 0)
#define IsVisible(fact) (Count(log[LogOf(fact)].visible, fact) == 1)
#define IsDisposedOf(fact) (IsVisible(fact) || WillBeVisible(fact, 0) || WillBeVisible(fact, 1))

inline Check() {
  /* A reader of committed records gets each fact once. */
  assert(Count(log[LogOf(0)].visible, 0) <= 1 && Count(log[LogOf(1)].visible, 1) <= 1);
  /* The committed offset passes no fact that is not disposed of. */
  assert((committed < 1 || IsDisposedOf(0)) && (committed < 2 || IsDisposedOf(1)))
}

/* ---- Kafka's part --------------------------------------------------------------------------- */

/* On one place, the end of everything that the producer has open there. */
inline WriteMarker(place, id, does_commit) {
  if
  :: place == OFFSETS ->
     if
     :: does_commit && pending[id] > 0 && !is_overtaken[id] ->
        committed = pending[id] - 1;
        Based(id);
        is_overtaken[1 - id] = is_older[1 - id]
     :: else
     fi;
     pending[id] = 0; is_older[id] = 0; is_overtaken[id] = 0
  :: else ->
     if
     :: does_commit ->
        assert(!Has(log[place].stale, id) || READERS); /* Nothing old after a hand-over. */
        log[place].visible = log[place].visible + log[place].open[id]
     :: else
     fi;
     if
     :: place == SEEN && does_commit ->
        inst[0].table = inst[0].table | FactsIn(inst[0].awaited[id]);
        inst[1].table = inst[1].table | FactsIn(inst[1].awaited[id])
     :: else
     fi;
     if
     :: place == SEEN -> inst[0].awaited[id] = 0; inst[1].awaited[id] = 0
     :: else
     fi;
     Witnessed(place, id, does_commit);
     log[place].open[id] = 0;
     log[place].granted = log[place].granted & ~Bit(id);
     log[place].stale = log[place].stale & ~Bit(id)
  fi;
  Check()
}

/* The end of a transaction. Its markers come later. */
inline Decide(id, does_commit) {
  coordinator[id].state = decided;
  coordinator[id].commits = does_commit;
  Grant(id, PROCESSES);
  Grant(id, SEEN);
  Grant(id, DEAD)
}
inline Grant(id, place) {
  if
  :: coordinator[id].commits && Has(coordinator[id].places, place) ->
     log[place].granted = log[place].granted | Bit(id)
  :: else
  fi
}

/* The epoch grows: what was sent under the old one is refused from now on. */
inline Fence(id) {
  coordinator[id].has_fenced = true;
  if
  :: late.kind != none && late.producer == id -> late.is_fenced = true
  :: else
  fi
}

inline AddPlace(id, place) {
  coordinator[id].state = ongoing;
  coordinator[id].places = coordinator[id].places | Bit(place)
}

inline SendOffset(id, low_water_mark) {
  pending[id] = low_water_mark + 1;
  is_older[id] = false; is_overtaken[id] = false;
  is_older[1 - id] = pending[1 - id] > 0
}

inline EndOn(place, id) {
  WriteMarker(place, id, coordinator[id].commits);
  coordinator[id].places = coordinator[id].places & ~Bit(place);
  if
  :: coordinator[id].places == 0 -> coordinator[id].state = complete
  :: else
  fi
}
#define MustEnd(place, id) (coordinator[id].state == decided && Has(coordinator[id].places, place))

/* The markers come one by one, in any order. */
proctype Markers(bit id) {
end:
  do
  :: d_step { MustEnd(PROCESSES, id) -> EndOn(PROCESSES, id) }
  :: d_step { MustEnd(SEEN, id) -> EndOn(SEEN, id) }
  :: d_step { MustEnd(DEAD, id) -> EndOn(DEAD, id) }
  :: d_step { MustEnd(OFFSETS, id) -> EndOn(OFFSETS, id) }
  od
}

/* What was given up arrives. */
proctype Network() {
end:
  do
  :: d_step {
       late.kind != none ->
       if
       :: late.is_fenced || coordinator[late.producer].state != ongoing
       :: else ->
          if
          :: late.kind == end_commit -> Decide(late.producer, true)
          :: late.kind == end_abort -> Decide(late.producer, false)
          :: late.kind == send_offsets && IsAccepted(late.era) &&
             Has(coordinator[late.producer].places, OFFSETS) ->
             SendOffset(late.producer, late.offset)
          :: else
          fi
       fi;
       late.kind = none; late.producer = 0; late.is_fenced = 0; late.era = 0; late.offset = 0
     }
  od
}

/* ---- The lane ------------------------------------------------------------------------------- */

/* Lane::Drop(), CommitFlow::Drop(), and a new Task. */
inline Drop(i, then) {
  if
  :: self.flow == under_way -> self.flow = abandoned
  :: else
  fi;
  NewTask(i, then)
}
inline NewTask(i, then) {
  self.task = then;
  self.base = 0; self.in_hand = 0; self.table = 0;
  self.awaited[0] = 0; self.awaited[1] = 0
}

/* CommitFlow::HandOver(), Outbox::Close(). The next offset to read is always RECORDS. */
#define MayClose(i) (self.task == running && self.flow == idle)
#define LowWaterMark(open) \
  ((open) & 1 -> 0 : ((open) & 2 -> 1 : ((open) & 4 -> 2 : RECORDS)))
inline Submit(i, done, claim) {
  self.flow = under_way;
  self.batch = done;
  self.offset = LowWaterMark(self.in_hand & ~(done));
  self.batch_era = claim
}

/* A restore whose partition has moved on leads to batches of an old era, as one before it did. */
#define IsOwner(i) (owner == i && self.era == era && !self.must_join)

proctype Lane(bit i) {
end:
  do
  /* SourceConsumer::Join(): a new process of a static member gets another member id. */
  :: d_step {
       self.must_join ->
       self.must_join = false;
       if
       :: owner == i -> era++
       :: else
       fi
     }
  /* Lane::Assigned() */
  :: d_step {
       owner == i && self.era != era && !self.must_join -> self.era = era; Drop(i, wants_offset)
     }
  /* The client joins again, and neither generation nor member id changes. */
  :: d_step { faults > 0 && IsOwner(i) -> faults--; Drop(i, wants_offset) }
  /* Lane::Revoked(). CommitFlow::Finish() waits for the batch under way, but not for ever. */
  :: d_step { owner != i && self.task != revoked -> self.era = 0; Drop(i, revoked) }

  /* RestoreFlow::Steer(), KafkaRestorer::LookUpStarts() */
  :: d_step {
       IsOwner(i) && self.task == wants_offset && IsCommitterIdle(i) && IsOffsetStable ->
       self.base = committed;
       self.task = wants_results
     }
  /* KafkaRestorer::RemoveOpen() */
  :: d_step { IsOwner(i) && self.task == wants_results && AreResultsClean -> self.task = wants_end }
  /* LogReader::Ends(): the end of the log, not that of what is committed. */
  :: d_step {
       IsOwner(i) && self.task == wants_end ->
       self.table = FactsIn(log[SEEN].visible);
       self.awaited[0] = ToRestore(log[SEEN].open[0]);
       self.awaited[1] = ToRestore(log[SEEN].open[1]);
       self.task = reads_markers
     }
  /* LogReader::Read(), RestoreFlow::TakeRestored(); then Lane::Take() and Task::Admit() of each record. */
  :: d_step {
       IsOwner(i) && self.task == reads_markers && self.awaited[0] == 0 && self.awaited[1] == 0 ->
       self.task = running;
       if
       :: self.base == 0 -> self.in_hand = 3 & ~Known(i)
       :: self.base == 1 -> self.in_hand = 6 & ~(Known(i) & 2) & ~((Known(i) & 1) << 2)
       :: self.base == 2 -> self.in_hand = 4 & ~((Known(i) & 1) << 2)
       :: self.base == 3
       fi;
       handed_over = era;
       log[PROCESSES].stale = (log[PROCESSES].open[0] > 0) | (log[PROCESSES].open[1] > 0) << 1;
       log[SEEN].stale = (log[SEEN].open[0] > 0) | (log[SEEN].open[1] > 0) << 1
     }

  /* Of what is in hand, any part may be complete by now. CommitFlow::Submit() takes the membership. */
  :: d_step { MayClose(i) && self.in_hand & 5 -> Submit(i, self.in_hand & 5, self.era) }
  :: d_step { MayClose(i) && self.in_hand & 2 -> Submit(i, self.in_hand & 2, self.era) }
  :: d_step { MayClose(i) && (self.in_hand & 5) && (self.in_hand & 2) -> Submit(i, self.in_hand, self.era) }
  :: d_step { MayClose(i) && !self.in_hand && self.base != RECORDS -> Submit(i, 0, self.era) }
  :: d_step { MayClose(i) && self.in_hand && IsUnfenceableSent(i) -> Submit(i, self.in_hand, NOBODY) }

  /* CommitFlow::HandleReport(), Lane::Apply(); an aborted batch is in hand as before. */
  :: d_step {
       self.report != no_report ->
       if
       :: self.flow == under_way && self.report == was_committed ->
          self.in_hand = self.in_hand & ~self.batch;
          self.table = self.table | FactsAt(self.batch);
          self.base = self.offset
       :: self.flow == under_way && IsRestoredAgain(i) -> NewTask(i, wants_offset)
       :: self.flow == under_way && self.report == was_aborted && self.batch_era != era ->
          self.era = 0;
          NewTask(i, revoked)
       :: else
       fi;
       self.flow = idle; self.report = no_report;
       self.batch = 0; self.offset = 0; self.batch_era = 0
     }
  od
}

/* ---- The committer -------------------------------------------------------------------------- */

#define HasBatch(i) (self.flow != idle && self.report == no_report)
#define IsFenced(i) coordinator[i].has_fenced
#define IsAt(i, step) (self.committer == step && !IsFenced(i))
#define Is(i, is) (coordinator[i].state == is)

inline Report(i, what, then) {
  AbortedIf(i, what);
  self.report = what;
  self.committer = then;
  self.todo = 0;
  self.is_ambiguous = false
}
#define Afterwards(i) (MustRecycle(i) -> discarded : ready)

inline Produce(i, place, facts) {
  AddPlace(i, place);
  log[place].open[i] = log[place].open[i] + Once(facts);
  Wrote(place, i);
  if
  :: place != DEAD && self.batch_era < handed_over -> log[place].stale = log[place].stale | Bit(i)
  :: else
  fi;
  self.todo = self.todo & ~Bit(place)
}

/* No answer comes: librdkafka repeats the request, until the call's deadline. */
inline LoseAnswer(i, what) {
  faults--;
  late.kind = what; late.producer = i; late.era = self.batch_era; late.offset = self.offset;
  self.is_ambiguous = true
}
#ifdef FORGETS                      /* Instead of the other faults of single requests. */
#define CanLose false
#else
#define CanLose (faults > 0 && late.kind == none)
#endif

inline Restart(i) {
  self.flow = idle; self.must_join = true; self.era = 0;
  NewTask(i, revoked);
  self.report = no_report;
  self.committer = discarded;
  self.todo = 0; self.is_ambiguous = false;
  self.batch = 0; self.offset = 0; self.batch_era = 0
}

#include "forgotten.pml"

proctype Committer(bit i) {
end:
  do
  /* KafkaCommitter::PrepareProducer(), TransactionalProducer::Initialise() */
  :: d_step { self.committer == discarded && Is(i, ongoing) -> Fence(i); Decide(i, false) }
  :: d_step {
       self.committer == discarded && Is(i, complete) ->
       Fence(i);
       IsFenced(i) = false;
       coordinator[i].commits = false;
       Initialised(i);
       self.committer = ready
     }

  /* KafkaCommitter::Commit(), TransactionalProducer::Begin() */
  :: d_step {
       self.committer == ready && HasBatch(i) && MayBegin(i) ->
       Named(i);
       self.todo = (self.batch > 0) << SEEN | (FactsAt(self.batch) & 1) << LogOf(0) | (FactsAt(self.batch) >> 1) << LogOf(1);
       self.committer = producing
     }

  /* TransactionalProducer::Produce(), Flush(): one log after the other, in any order. */
  :: d_step { self.committer == producing && IsFenced(i) -> Report(i, was_aborted, discarded) }
  :: d_step {
       IsAt(i, producing) && !Is(i, decided) && Has(self.todo, PROCESSES) ->
       Produce(i, PROCESSES, FactsAt(self.batch) & OfResults)
     }
  :: d_step {
       IsAt(i, producing) && !Is(i, decided) && Has(self.todo, SEEN) -> Produce(i, SEEN, FactsAt(self.batch))
     }
  :: d_step {
       IsAt(i, producing) && !Is(i, decided) && Has(self.todo, DEAD) -> Produce(i, DEAD, FactsAt(self.batch) & 2)
     }
  :: d_step { self.committer == producing && self.todo == 0 -> self.committer = sending }
  /* Kafka refuses a record. */
  :: d_step { IsAt(i, producing) && faults > 0 && self.batch -> faults--; self.todo = 0; self.committer = aborting }

  /* TransactionalProducer::SendOffsets() */
  :: d_step { self.committer == sending && IsFenced(i) -> Report(i, was_aborted, discarded) }
  :: d_step {
       IsAt(i, sending) && !Is(i, decided) ->
       if
       :: IsOffsetSent(i) && IsAccepted(self.batch_era) ->
          AddPlace(i, OFFSETS);
          SendOffset(i, self.offset);
          Sent(i);
          self.committer = ending
       :: IsOffsetSent(i) && !IsAccepted(self.batch_era) ->
          AddPlace(i, OFFSETS);
          self.committer = aborting
       :: else -> self.committer = ending
       fi
     }
  :: d_step {
       IsAt(i, sending) && !Is(i, decided) && CanLose ->
       AddPlace(i, OFFSETS);
       LoseAnswer(i, send_offsets)
     }
  :: d_step { self.committer == sending && self.is_ambiguous -> Report(i, was_aborted, discarded) }

  /* TransactionalProducer::Commit() */
  :: d_step { self.committer == ending && IsFenced(i) -> Report(i, is_unknown, discarded) }
  :: d_step {
       IsAt(i, ending) && Is(i, ongoing) -> Decide(i, true); Report(i, was_committed, Afterwards(i))
     }
  :: d_step {
       IsAt(i, ending) && Is(i, complete) ->
       if
       :: coordinator[i].commits -> Report(i, was_committed, Afterwards(i))
       :: else -> Report(i, is_unknown, discarded)
       fi
     }
  /* CommitFailed(): not even its EndTxn was sent. */
  :: d_step { IsAt(i, ending) && faults > 0 && !self.is_ambiguous -> faults--; self.committer = aborting }
  :: d_step { IsAt(i, ending) && CanLose -> LoseAnswer(i, end_commit) }
  :: d_step { self.committer == ending && self.is_ambiguous -> Report(i, is_unknown, discarded) }

  /* TransactionalProducer::Abort() */
  :: d_step { self.committer == aborting && IsFenced(i) -> Report(i, was_aborted, discarded) }
  :: d_step {
       IsAt(i, aborting) && Is(i, ongoing) -> Decide(i, false); Report(i, was_aborted, Afterwards(i))
     }
  :: d_step {
       IsAt(i, aborting) && Is(i, complete) ->
       if
       :: coordinator[i].commits -> Report(i, was_aborted, discarded)
       :: else -> Report(i, was_aborted, Afterwards(i))
       fi
     }
  :: d_step { IsAt(i, aborting) && CanLose -> LoseAnswer(i, end_abort) }
  :: d_step { self.committer == aborting && self.is_ambiguous -> Report(i, was_aborted, discarded) }
  od
}

/* ---- The world ------------------------------------------------------------------------------ */

inline TimeOut(id) {
  faults--;
  Fence(id);
  Decide(id, false)
}

proctype World() {
  do
  /* A session ends, an instance joins or leaves: the group moves the partition. */
  :: d_step { faults > 0 -> faults--; owner = 1 - owner; era++ }
  :: d_step { faults > 0 -> faults--; Restart(0) }
  :: d_step { faults > 0 -> faults--; Restart(1) }
  /* transaction.timeout.ms */
  :: d_step { faults > 0 && Is(0, ongoing) -> TimeOut(0) }
  :: d_step { faults > 0 && Is(1, ongoing) -> TimeOut(1) }
  /* Nobody can do anything any more: then everything is done. */
  :: timeout -> break
  od;
#if READERS == 0
  assert(IsVisible(0) && IsVisible(1) && inst[owner].task == running && inst[owner].base == RECORDS);
#ifndef FORGETS
  assert(committed == RECORDS)
#endif
#endif
}

init {
  atomic {
    run Lane(0); run Lane(1);
    run Committer(0); run Committer(1);
    run Markers(0); run Markers(1);
    run Network();
    run World();
#ifdef FORGETS
    run Forgetting(0); run Forgetting(1)
#endif
  }
}
