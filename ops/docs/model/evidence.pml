/*
 * For -DFORGETS: whose transaction an open record is, and what became of it. Included by
 * handover.pml. common/domain/transaction_evidence.h
 */
#ifdef FORGETS

byte names = 1;                     /* TransactionNumbers: those of an earlier life end here. */
byte name[2];                       /* By instance: of its transaction, since Begin(). */
byte basis = 1;                     /* Of the transaction that committed the group's offset. */
byte pending_name[2];

typedef Evidence {                  /* By log, two elements for its two producers. */
  byte name;                        /* Header `transaction` of what is open. */
  bit visible_twin;                 /* The other one of processes and callbacks.seen has records */
  bit vanished_twin;                /* of it that are visible, or are not; of a dead letter, either. */
  bit visible_letter;               /* The same for callbacks.dead. */
  bit vanished_letter;
}
Evidence evidence[6];
#define EvidenceOf(place, id) evidence[2 * (place) + (id)]

inline Named(i) { names++; name[i] = names }
inline Wrote(place, i) { EvidenceOf(place, i).name = name[i] }
inline Sent(i) { pending_name[i] = name[i] }
inline Based(id) { basis = pending_name[id] }

inline Witnessed(place, id, does_commit) {
  WitnessedFor(PROCESSES, place, id, does_commit);
  WitnessedFor(SEEN, place, id, does_commit);
  WitnessedFor(DEAD, place, id, does_commit);
  EvidenceOf(place, id).name = 0;
  EvidenceOf(place, id).visible_twin = 0; EvidenceOf(place, id).vanished_twin = 0;
  EvidenceOf(place, id).visible_letter = 0; EvidenceOf(place, id).vanished_letter = 0
}
inline WitnessedFor(other, place, id, does_commit) {
  if
  :: other == place || EvidenceOf(place, id).name == 0 || EvidenceOf(other, id).name != EvidenceOf(place, id).name
  :: else ->
     if
     :: place == DEAD && does_commit -> EvidenceOf(other, id).visible_letter = true
     :: place == DEAD && !does_commit -> EvidenceOf(other, id).vanished_letter = true
     :: place != DEAD && does_commit -> EvidenceOf(other, id).visible_twin = true
     :: place != DEAD && !does_commit -> EvidenceOf(other, id).vanished_twin = true
     fi
  fi
}

#else
inline Named(i) { skip }
inline Wrote(place, i) { skip }
inline Sent(i) { skip }
inline Based(id) { skip }
inline Witnessed(place, id, does_commit) { skip }
#endif
