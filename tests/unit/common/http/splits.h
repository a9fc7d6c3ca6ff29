#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace common::http {

using Pieces = std::vector<std::string_view>;

/// Expects `read` to give the same for the whole, for each split in two, and for single bytes.
inline void ExpectSameHoweverSplit(std::string_view bytes, const std::string& expected,
                                   const std::function<std::string(const Pieces&)>& read) {
  EXPECT_EQ(read({bytes}), expected) << "in one piece";
  for (std::size_t at = 1; at < bytes.size(); ++at) {
    ASSERT_EQ(read({bytes.substr(0, at), bytes.substr(at)}), expected) << "split at byte " << at;
  }
  Pieces single;
  for (std::size_t i = 0; i < bytes.size(); ++i) single.push_back(bytes.substr(i, 1));
  EXPECT_EQ(read(single), expected) << "byte by byte";
}

}  // namespace common::http
