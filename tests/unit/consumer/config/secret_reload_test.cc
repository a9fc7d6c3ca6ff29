#include "consumer/secret_reload.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <map>
#include <string>
#include <vector>

namespace consumer {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

class SecretReload : public ::testing::Test {
 protected:
  bool Reload(const std::vector<SecretFile>& files, milliseconds longest) {
    // A copy of it outlives this test if a read hangs.
    common::config::FileReads reads([hanging = hanging_.get_future().share()](
                                        const std::string& path) -> common::Result<std::string> {
      if (path == "/hangs") hanging.wait();
      if (path == "/missing") {
        return common::Error{common::Remedy::kReject, "secret_file", "there is no " + path};
      }
      return "secret of " + path;
    });
    return ReloadSecrets(
        files, reads, longest,
        {.take = [&](std::size_t account, const std::string& secret) { taken[account] = secret; },
         .keep_old =
             [&](std::string_view account, std::string_view why) {
               kept.push_back(std::string(account) + ": " + std::string(why));
             }});
  }
  void TearDown() override { hanging_.set_value(); }

  std::map<std::size_t, std::string> taken;
  std::vector<std::string> kept;

 private:
  std::promise<void> hanging_;
};

TEST_F(SecretReload, ReadsTheFileOfEachAccountThatHasOne) {
  EXPECT_TRUE(Reload({{"assure", "/a"}, {"inline", ""}, {"acme", "/b"}}, milliseconds(60'000)));
  EXPECT_THAT(taken, ElementsAre(Pair(0, "secret of /a"), Pair(2, "secret of /b")));
  EXPECT_THAT(kept, IsEmpty());
}

TEST_F(SecretReload, KeepsTheOldSecretOfAFileThatCannotBeRead) {
  EXPECT_FALSE(Reload({{"assure", "/a"}, {"acme", "/missing"}}, milliseconds(60'000)));
  EXPECT_THAT(taken, ElementsAre(Pair(0, "secret of /a")));
  EXPECT_THAT(kept, ElementsAre("acme: there is no /missing"));
}

TEST_F(SecretReload, IsNotHeldUpByAFileThatHangs) {
  EXPECT_FALSE(Reload({{"acme", "/hangs"}, {"assure", "/a"}}, milliseconds(200)));
  EXPECT_THAT(taken, ElementsAre(Pair(1, "secret of /a")));
  EXPECT_THAT(kept, ElementsAre(HasSubstr("acme: the file /hangs was not read within 200 ms")));
}

}  // namespace
}  // namespace consumer
