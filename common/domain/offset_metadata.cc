#include "common/domain/offset_metadata.h"

#include <algorithm>
#include <chrono>

#include "common/base/number.h"

namespace common {
namespace {

constexpr std::string_view kHex = "0123456789ABCDEF";

std::string Escape(std::string_view value) {
  std::string escaped;
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (c != '%' && c != ';' && byte >= 0x20) {
      escaped += c;
      continue;
    }
    escaped += {'%', kHex[byte / 16], kHex[byte % 16]};
  }
  return escaped;
}

std::string Unescape(std::string_view value) {
  std::string text;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const std::size_t high = i + 1 < value.size() ? kHex.find(value[i + 1]) : kHex.npos;
    const std::size_t low = i + 2 < value.size() ? kHex.find(value[i + 2]) : kHex.npos;
    if (value[i] != '%' || high == kHex.npos || low == kHex.npos) {
      text += value[i];
      continue;
    }
    text += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return text;
}

std::optional<OffsetWitness> ReadWitness(std::string_view value) {
  const std::size_t at = value.find('@');
  if (at == std::string_view::npos) return std::nullopt;
  const auto offset = ParseNumber<std::int64_t>(value.substr(0, at));
  const auto time = ParseNumber<std::int64_t>(value.substr(at + 1));
  if (!offset || !time || *offset < 0) return std::nullopt;
  return OffsetWitness{Offset(*offset), WallTime(std::chrono::milliseconds(*time))};
}

// Without the invalid ones; at most the last few.
std::vector<OffsetWitness> ReadWitnesses(std::string_view values) {
  std::vector<OffsetWitness> witnesses;
  while (!values.empty()) {
    const std::string_view value = values.substr(0, values.find(','));
    values.remove_prefix(std::min(values.size(), value.size() + 1));
    if (const auto witness = ReadWitness(value)) witnesses.push_back(*witness);
  }
  if (witnesses.size() > OffsetMetadata::kMostUnchecked) {
    witnesses.erase(witnesses.begin(), witnesses.end() - OffsetMetadata::kMostUnchecked);
  }
  return witnesses;
}

std::string TextOf(const OffsetWitness& witness) {
  return ToText(witness.offset) + "@" + std::to_string(witness.time.time_since_epoch().count());
}

void ReadPair(std::string_view key, std::string_view value, OffsetMetadata& metadata) {
  if (key == "partitions") {
    metadata.partitions = ParseNumber<int>(value);
    if (metadata.partitions && *metadata.partitions <= 0) metadata.partitions.reset();
  } else if (key == "last") {
    metadata.last = ReadWitness(value);
  } else if (key == "unchecked") {
    metadata.unchecked = ReadWitnesses(value);
  } else if (key == "instance") {
    metadata.instance = Unescape(value);
  } else if (key == "transaction") {
    metadata.transaction = Unescape(value);
  }
}

}  // namespace

std::string ToText(const OffsetMetadata& metadata) {
  std::string text;
  const auto add = [&](std::string_view key, const std::string& value) {
    if (!text.empty()) text += ';';
    text.append(key).append("=").append(value);
  };
  if (metadata.partitions) add("partitions", std::to_string(*metadata.partitions));
  if (!metadata.instance.empty()) add("instance", Escape(metadata.instance));
  if (!metadata.transaction.empty()) add("transaction", Escape(metadata.transaction));
  if (metadata.last) add("last", TextOf(*metadata.last));
  std::string unchecked;
  for (const OffsetWitness& one : metadata.unchecked) {
    unchecked += (unchecked.empty() ? "" : ",") + TextOf(one);
  }
  if (!unchecked.empty()) add("unchecked", unchecked);
  return text;
}

std::vector<OffsetWitness> WitnessesOf(const OffsetMetadata& metadata) {
  std::vector<OffsetWitness> witnesses;
  if (metadata.last) witnesses.push_back(*metadata.last);
  witnesses.insert(witnesses.end(), metadata.unchecked.begin(), metadata.unchecked.end());
  return witnesses;
}

OffsetMetadata ReadOffsetMetadata(std::string_view text) {
  OffsetMetadata metadata;
  if (text.size() > OffsetMetadata::kLongestText) return metadata;
  while (!text.empty()) {
    const std::string_view pair = text.substr(0, text.find(';'));
    text.remove_prefix(std::min(text.size(), pair.size() + 1));
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos) continue;
    ReadPair(pair.substr(0, equals), pair.substr(equals + 1), metadata);
  }
  return metadata;
}

}  // namespace common
