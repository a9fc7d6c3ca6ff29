#include "consumer/kafka/membership_codec.h"

#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>

namespace consumer {
namespace {

struct Free {
  void operator()(void* memory) const { rd_kafka_mem_free(nullptr, memory); }
};

#if RD_KAFKA_VERSION >= 0x020800ff
bool ReadFields(const rd_kafka_consumer_group_metadata_t& metadata, GroupMembership& membership) {
  membership.generation = rd_kafka_consumer_group_metadata_generation_id(&metadata);
  const char* const member = rd_kafka_consumer_group_metadata_member_id(&metadata);
  membership.member_id = member == nullptr ? "" : member;
  return true;
}
#else
// The library has no accessors before 2.8.0.
bool ReadFields(const rd_kafka_consumer_group_metadata_t& /*metadata*/,
                GroupMembership& membership) {
  constexpr std::string_view kMagic = "CGMDv2:";
  std::string_view rest = membership.serialized;
  if (!rest.starts_with(kMagic)) return false;
  rest.remove_prefix(kMagic.size());
  if (rest.size() < sizeof membership.generation) return false;
  std::memcpy(&membership.generation, rest.data(), sizeof membership.generation);
  rest.remove_prefix(sizeof membership.generation);
  const std::size_t group_end = rest.find('\0');
  if (group_end == std::string_view::npos) return false;
  rest.remove_prefix(group_end + 1);
  const std::size_t member_end = rest.find('\0');
  if (member_end == std::string_view::npos) return false;
  membership.member_id = rest.substr(0, member_end);
  return true;
}
#endif

}  // namespace

std::optional<GroupMembership> ReadMembership(const rd_kafka_consumer_group_metadata_t& metadata) {
  void* buffer = nullptr;
  std::size_t size = 0;
  const common::kafka::ErrorHandle error(
      rd_kafka_consumer_group_metadata_write(&metadata, &buffer, &size));
  if (error) return std::nullopt;
  const std::unique_ptr<void, Free> owned(buffer);
  GroupMembership membership;
  membership.serialized.assign(static_cast<const char*>(buffer), size);
  if (!ReadFields(metadata, membership)) return std::nullopt;
  return membership;
}

common::kafka::GroupMetadata ToKafka(const GroupMembership& membership) {
  rd_kafka_consumer_group_metadata_t* metadata = nullptr;
  const common::kafka::ErrorHandle error(rd_kafka_consumer_group_metadata_read(
      &metadata, membership.serialized.data(), membership.serialized.size()));
  return common::kafka::GroupMetadata(error ? nullptr : metadata);
}

}  // namespace consumer
