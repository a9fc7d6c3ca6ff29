#pragma once

#include <cstdint>

namespace simulation {

struct ExploreOptions {
  std::uint64_t seed = 0;  ///< The first one.
  std::uint64_t count = 0;
  double minutes = 0;
  bool trace = false;
  bool text = false;  ///< Each scenario is printed as C++.
  bool keep_going = false;
  bool quiet = false;      ///< Of a failure only the seed's place is told.
  bool plain = false;      ///< Only the histories without announced processes,
  bool announced = false;  ///< or only those with them.
  bool ingest = false;     ///< Histories of ingest,
  bool joint = false;      ///< or of both halves together.
};

/// A fresh seed unless the words say one.
[[nodiscard]] ExploreOptions ReadExploreOptions(int count, char** words);

/// Runs histories by the options, prints their findings, and returns the exit status.
[[nodiscard]] int Explore(const ExploreOptions& options);

}  // namespace simulation
