#pragma once

#include <chrono>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "ingest/spool/spool_database.h"

namespace ingest {

/// A callback whose fields, including the body, depend on `key`.
inline common::Envelope SampleEnvelope(const std::string& key,
                                       const std::string& provider = "paper") {
  common::Envelope envelope;
  envelope.key = key;
  envelope.body = "body of " + key;
  envelope.provider = provider;
  envelope.received_at = common::WallTime(std::chrono::milliseconds(1'700'000'000'123));
  envelope.request_id = "request of " + key;
  envelope.content_type = "application/json";
  return envelope;
}

inline SpooledCallback SampleCallback(const std::string& key,
                                      const std::string& provider = "paper") {
  SpooledCallback callback;
  callback.envelope = SampleEnvelope(key, provider);
  callback.size = SizeInSpool(callback.envelope);
  return callback;
}

/// All callbacks in a file, oldest first, as a later start would find them.
inline std::vector<SpooledCallback> ReadSpool(const SpoolDatabase::Options& options) {
  auto database = SpoolDatabase::Open(options);
  if (!database) throw std::runtime_error(database.error().detail);
  auto callbacks = (*database)->ReadAfter(0, 1'000'000, std::size_t{1} << 40U);
  if (!callbacks) throw std::runtime_error(callbacks.error().detail);
  return *callbacks;
}

inline std::vector<SequenceRange> RowsOf(std::int64_t sequence) {
  return {{.from = sequence, .to = sequence}};
}

inline std::vector<std::string> KeysOf(const std::vector<SpooledCallback>& callbacks) {
  std::vector<std::string> keys;
  for (const SpooledCallback& callback : callbacks) keys.push_back(callback.envelope.key);
  return keys;
}

}  // namespace ingest
