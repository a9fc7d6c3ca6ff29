/*
 * For -DFORGETS: a coordinator that takes a transaction for complete although a place has no marker
 * (ADR 0015), and what consumer and its operator do about it. Included by handover.pml.
 */
#ifdef FORGETS

unsigned forgets : 2 = FORGETS;
bit has_ended_offsets[2] = true;    /* KafkaCommitter::has_ended_offsets_ */
bit has_tried[2] = true;            /* PendingOffsets::must_be_tried(), the other way round */
bit has_aborted[2];                 /* PendingOffsets::awaited() */

inline Initialised(i) { has_ended_offsets[i] = false; has_tried[i] = false }
inline AbortedIf(i, what) {
  if
  :: what == was_aborted || what == is_unknown -> has_aborted[i] = true
  :: else
  fi
}

/* Nothing ends it any more, unless somebody does it on purpose. */
#define IsForgotten(place, id) (log[place].open[id] > 0 && coordinator[id].state == complete)
#define IsAnyForgotten(place) (IsForgotten(place, 0) || IsForgotten(place, 1))
#define IsOffsetForgotten(id) (pending[id] > 0 && coordinator[id].state == complete)

/* PublishGate::Await() */
#ifdef NO_GATE
#define IsGateOpen(i) true
#define IsGateStuck(i) false
#else
#define IsGateOpen(i) \
  (!self.batch || \
   (IsClean(SEEN) && (!(FactsAt(self.batch) & 1) || IsClean(PROCESSES)) && \
    (!(FactsAt(self.batch) & 2) || IsClean(DEAD))))
#define IsGateStuck(i) (self.batch && \
   (IsAnyForgotten(SEEN) || ((FactsAt(self.batch) & 1) && IsAnyForgotten(PROCESSES))))
#endif
#ifdef NO_GATE_OFFSETS
#define AreOffsetsStable(i) true
#else
#define AreOffsetsStable(i) (!has_aborted[i] || IsOffsetStable)
#endif
#ifdef NO_END_OFFSETS
#define HasEndedOffsets(i) true
#else
#define HasEndedOffsets(i) has_ended_offsets[i]
#endif
#ifdef NO_TRIAL
#define HasTried(i) true
#else
#define HasTried(i) has_tried[i]
#endif
#define MayBegin(i) (HasEndedOffsets(i) && HasTried(i) && AreOffsetsStable(i) && IsGateOpen(i) && !IsFenced(i))

#ifdef OFFSETS_WITH_BATCH           /* Where a producer begins a batch, not where it is made. */
#define MayEndOffsets(i) (HasBatch(i) || HasOthers(i))
#else
#define MayEndOffsets(i) true
#endif

#define MustTry(i) (IsAt(i, ready) && Is(i, complete) && HasEndedOffsets(i) && !HasTried(i))

/* The transactions of other partitions: their markers on the offsets are for ours as well. */
#ifdef ALONE
#define HasOthers(i) false
#else
#define HasOthers(i) true
#endif

inline Forget(place, id) {
  forgets--;
  coordinator[id].places = coordinator[id].places & ~Bit(place);
  if
  :: coordinator[id].places == 0 -> coordinator[id].state = complete
  :: else
  fi
}

/* JudgeTransaction(): its offset, and its records elsewhere. */
#define IsVisibleElsewhere(place, id) \
  (EvidenceOf(place, id).visible_twin || EvidenceOf(place, id).visible_letter)
#define HasVanishedElsewhere(place, id) \
  (EvidenceOf(place, id).vanished_twin || EvidenceOf(place, id).vanished_letter)
#ifdef NO_VISIBLE_FIRST             /* EndForgottenOffsets() takes offsets of committed ones back, too. */
#define OffsetCounts(place, id) true
#else
#define OffsetCounts(place, id) !IsVisibleElsewhere(place, id)
#endif
#define IsCommitted(place, id) \
  (IsVisibleElsewhere(place, id) || (IsOffsetStable && basis == EvidenceOf(place, id).name))
#define IsAborted(place, id) \
  (HasVanishedElsewhere(place, id) || \
   (IsOffsetStable && basis < EvidenceOf(place, id).name && OffsetCounts(place, id)))
#define IsUntold(place, id) (IsOffsetStable && !IsCommitted(place, id) && !IsAborted(place, id))
#define IsJudged(place, id) (IsCommitted(place, id) != IsAborted(place, id))

/* EndAsCommitted(), EndAsAborted(): its producer is fenced first. */
inline EndForgotten(place, id) {
  Fence(id);
  if
  :: IsCommitted(place, id) -> WriteMarker(place, id, true)
  :: else -> WriteMarker(place, id, false)
  fi
}

proctype Forgetting(bit i) {
end:
  do
  :: d_step { forgets > 0 && MustEnd(PROCESSES, i) -> Forget(PROCESSES, i) }
  :: d_step { forgets > 0 && MustEnd(SEEN, i) -> Forget(SEEN, i) }
  :: d_step { forgets > 0 && MustEnd(DEAD, i) -> Forget(DEAD, i) }
  :: d_step { forgets > 0 && MustEnd(OFFSETS, i) -> Forget(OFFSETS, i) }

  /* The committer. */
  :: d_step { self.committer == ready && IsFenced(i) -> self.committer = discarded }
  /* TransactionalProducer::EndForgottenOffsets(): a transaction that carries an offset is aborted. */
  :: d_step {
       IsAt(i, ready) && Is(i, complete) && !HasEndedOffsets(i) && MayEndOffsets(i) ->
       WriteMarker(OFFSETS, i, false);
       has_ended_offsets[i] = true;
       has_aborted[i] = false
     }
  /* Kafka forgets this end, too. */
  :: d_step {
       forgets > 0 && pending[i] > 0 && IsAt(i, ready) && Is(i, complete) && !HasEndedOffsets(i) && MayEndOffsets(i) ->
       forgets--;
       has_ended_offsets[i] = true;
       has_aborted[i] = false
     }
  /* TryOffsets(): of our batch, forgotten again, or of one of other partitions. */
  :: d_step {
       MustTry(i) && HasBatch(i) && IsAccepted(self.batch_era) ->
       SendOffset(i, self.offset);
       WriteMarker(OFFSETS, i, false);
       has_tried[i] = true
     }
  :: d_step {
       forgets > 0 && MustTry(i) && HasBatch(i) && IsAccepted(self.batch_era) ->
       forgets--;
       SendOffset(i, self.offset);
       has_tried[i] = true;
       has_aborted[i] = true
     }
  :: d_step { MustTry(i) && HasBatch(i) && !IsAccepted(self.batch_era) -> self.report = was_aborted }
  :: d_step { MustTry(i) && HasOthers(i) -> WriteMarker(OFFSETS, i, false); has_tried[i] = true }
  /* PublishGate::Answer::kNotClean, kOffsetsPending */
  :: d_step {
       IsAt(i, ready) && HasEndedOffsets(i) && HasBatch(i) && IsGateStuck(i) -> self.report = is_unknown
     }
  :: d_step {
       IsAt(i, ready) && HasEndedOffsets(i) && (HasBatch(i) || HasOthers(i)) && !AreOffsetsStable(i) &&
       (IsOffsetForgotten(0) || IsOffsetForgotten(1)) ->
       self.committer = discarded
     }
  :: d_step {
       IsAt(i, ready) && HasEndedOffsets(i) && HasBatch(i) && !AreOffsetsStable(i) &&
       (IsOffsetForgotten(0) || IsOffsetForgotten(1)) ->
       self.report = is_unknown;
       self.committer = discarded
     }
  :: d_step { has_aborted[i] && IsOffsetStable -> has_aborted[i] = false }
  /* RestoreFlow::EndPendingOffsets() */
  :: d_step {
       IsOwner(i) && self.task == wants_offset && IsOffsetForgotten(i) && HasEndedOffsets(i) && self.committer == ready ->
       self.committer = discarded
     }
  /* A batch of other partitions is committed. */
  :: d_step {
       IsAt(i, ready) && HasEndedOffsets(i) && HasTried(i) && HasOthers(i) && AreOffsetsStable(i) && IsOffsetForgotten(i) ->
       WriteMarker(OFFSETS, i, true)
     }

  /* ForgottenEnder::TryEnd(), while a restore waits for it; sluicectl transactions end, any time. */
  :: d_step { IsForgotten(PROCESSES, i) && IsJudged(PROCESSES, i) -> EndForgotten(PROCESSES, i) }
  :: d_step { IsForgotten(SEEN, i) && IsJudged(SEEN, i) -> EndForgotten(SEEN, i) }
  :: d_step { IsForgotten(DEAD, i) && IsJudged(DEAD, i) -> EndForgotten(DEAD, i) }
  /* The last resort, kafka-transactions.sh abort, where nothing tells. */
  :: d_step { IsForgotten(PROCESSES, i) && IsUntold(PROCESSES, i) -> EndForgotten(PROCESSES, i) }
  :: d_step { IsForgotten(SEEN, i) && IsUntold(SEEN, i) -> EndForgotten(SEEN, i) }
  :: d_step { IsForgotten(DEAD, i) && IsUntold(DEAD, i) -> EndForgotten(DEAD, i) }
#ifdef NO_LETTERS                   /* Without ForgottenEnder::FindLetters(). */
  :: d_step {
       IsOwner(i) && self.task == reads_markers && self.awaited[i] > 0 && IsForgotten(SEEN, i) &&
       !EvidenceOf(SEEN, i).visible_twin && IsOffsetStable && basis < EvidenceOf(SEEN, i).name ->
       Fence(i);
       WriteMarker(SEEN, i, false)
     }
#endif
  /* The operator restarts the instance whose offset is pending (the runbook's RestoreIsStuck). */
  :: d_step { IsOffsetForgotten(i) && HasEndedOffsets(i) && self.committer == ready -> Restart(i) }
  od
}

#else
#define MayBegin(i) true
inline Initialised(i) { skip }
inline AbortedIf(i, what) { skip }
#endif
