#include "ops/simulator/synthetic_callback.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "ops/simulator/synthetic_ids.h"

namespace simulator {
namespace {

using testing::AllOf;
using testing::Ge;
using testing::Le;
using testing::MatchesRegex;

TEST(SyntheticCallback, DependsOnSeedAndNumberOnly) {
  const ProviderMix mix = *ProviderMix::Parse("onfido,eid");
  EXPECT_EQ(BodyOf(MakeCallback(mix, 7, 3)), BodyOf(MakeCallback(mix, 7, 3)));
  EXPECT_NE(BodyOf(MakeCallback(mix, 7, 3)), BodyOf(MakeCallback(mix, 7, 4)));
  EXPECT_NE(BodyOf(MakeCallback(mix, 7, 3)), BodyOf(MakeCallback(mix, 8, 3)));
}

TEST(SyntheticCallback, HasTheBodyThatAssureSends) {
  const SyntheticCallback callback = MakeCallback(*ProviderMix::Parse("readid"), 1, 1);
  EXPECT_THAT(BodyOf(callback),
              MatchesRegex("\\{\"dossierId\":\"[0-9a-f-]{36}\",\"processId\":\"[0-9a-f-]{36}\","
                           "\"status\":\"[a-z]+\"\\}"));
}

TEST(SyntheticCallback, NeverRepeatsAnId) {
  const ProviderMix mix = *ProviderMix::Parse("onfido,eid,readid,paper,connect,webid,pictureid");
  std::set<std::string> ids;
  constexpr std::size_t kCount = 20'000;
  for (std::uint64_t n = 0; n < kCount; ++n) {
    const SyntheticCallback callback = MakeCallback(mix, 5, n);
    ids.insert(callback.dossier_id);
    ids.insert(callback.process_id);
  }
  EXPECT_EQ(ids.size(), 2 * kCount);
}

TEST(SyntheticCallback, EncodesItsProviderInBothIds) {
  const ProviderMix mix = *ProviderMix::Parse("onfido,eid,readid,paper,connect,webid,pictureid");
  for (std::uint64_t n = 0; n < 100; ++n) {
    const SyntheticCallback callback = MakeCallback(mix, 5, n);
    EXPECT_EQ(ProviderOf(callback.dossier_id).route, kProviders[callback.provider].route);
    EXPECT_EQ(ProviderOf(callback.process_id).route, kProviders[callback.provider].route);
    EXPECT_EQ(ProcessIdOf(callback.dossier_id), callback.process_id);
  }
}

TEST(ProviderMix, PicksByWeight) {
  const ProviderMix mix = *ProviderMix::Parse("onfido:3,readid:1");
  std::map<std::string_view, int> picked;
  for (std::uint64_t n = 0; n < 4000; ++n) {
    ++picked[kProviders[MakeCallback(mix, 9, n).provider].route];
  }
  EXPECT_EQ(picked.size(), 2U);
  EXPECT_THAT(picked["onfido"], AllOf(Ge(2850), Le(3150)));
}

TEST(ProviderMix, RejectsUnknownProvidersAndBadWeights) {
  for (const char* text : {"", "acme", "onfido:", "onfido:0", "onfido:-1", "onfido:1x",
                           "onfido,,eid", "onfido:1:2", "Onfido"}) {
    EXPECT_FALSE(ProviderMix::Parse(text)) << text;
  }
}

}  // namespace
}  // namespace simulator
