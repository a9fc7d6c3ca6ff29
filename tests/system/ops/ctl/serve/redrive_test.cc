#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/harness/browser.h"
#include "tests/harness/served_page.h"
#include "tests/support/http_client.h"
#include "tests/support/wait_until.h"
#include "tests/system/fixture.h"
#include "tests/system/ops/ctl/serve/page_state.h"

namespace tests {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// The whole pipeline, and a person at the page.
class RedriveByBrowser : public SystemTest {
 protected:
  bool Shows(const std::string& place, const std::string& sentence) {
    return tests::Shows(browser_, place, sentence);
  }
  std::string TextOf(const std::string& selector) { return tests::TextOf(browser_, selector); }

  Browser browser_;
};

TEST_F(RedriveByBrowser, PublishesTheResultOfALetterThatDied) {
  pipeline.fetch["not_found_for"] = "200ms";
  pipeline.StartIngest();
  pipeline.StartConsumer();
  pipeline.Behave(R"({"missing":["p"]})");
  const HttpAnswer sent =
      Post(pipeline.target() + "/eid", R"({"dossierId":"d","processId":"p","status":"accepted"})",
           {{"Authorization", Pipeline::kAuthorization}});
  ASSERT_EQ(sent.status, 200);
  ASSERT_TRUE(WaitUntil([&] { return pipeline.DeadLetters().size() == 1; }, seconds(60),
                        milliseconds(100)));
  pipeline.Behave(R"({"missing":[]})");

  const ServedPage page({"--config", pipeline.consumer_yaml().string(), "--allow-redrive",
                         "--instance", pipeline.consumer_admin() + "," + pipeline.ingest_admin()});
  browser_.Open(page.url());
  browser_.Evaluate("location.hash = '#/search?id=p'");
  ASSERT_TRUE(Shows("#search", "dead: 2 events.")) << TextOf("#search");
  EXPECT_THAT(TextOf(".timeline"), AllOf(HasSubstr("gone"), HasSubstr(sent.Field("X-Request-Id"))));

  browser_.Evaluate("location.hash = '#/dead'");
  ASSERT_TRUE(Shows("#dead", "1 letter.")) << TextOf("#dead");
  browser_.Evaluate("document.querySelector('#dead .choice input').click()");
  browser_.Evaluate("document.querySelector('#dead .actions button').click()");
  ASSERT_TRUE(Shows("#redrive", "Dry run: 1 letter of 1 would go back to callbacks."))
      << TextOf("#redrive");
  EXPECT_EQ(pipeline.Callbacks().size(), 1U);
  browser_.Evaluate("document.querySelector('#redrive .danger').click()");
  ASSERT_TRUE(Shows("#redrive", "1 letter went back to callbacks.")) << TextOf("#redrive");
  EXPECT_TRUE(
      WaitUntil([&] { return pipeline.Results().size() == 1; }, seconds(60), milliseconds(100)));
  EXPECT_THAT(NamesOf(pipeline.Results()), ElementsAre("eid d p accepted"));

  browser_.Evaluate("location.hash = '#/search?id=p&since=1d'");
  ASSERT_TRUE(Shows("#search", "published: 4 events.")) << TextOf("#search");
  EXPECT_THAT(TextOf("#search .result"), Not(HasSubstr("finalResult")));

  // A second one finds that it was redriven.
  browser_.Evaluate("document.querySelector('#redrive form button:not(.danger)').click()");
  browser_.Evaluate("location.hash = '#/dead?since=all'");
  ASSERT_TRUE(Shows("#dead", "1 letter."));
  browser_.Evaluate("document.querySelector('#dead .choice input').click()");
  browser_.Evaluate("document.querySelector('#dead .actions button').click()");
  ASSERT_TRUE(Shows("#redrive", "Dry run: 0 letters of 1"));
  EXPECT_THAT(TextOf("#redrive .result"), HasSubstr("redriven before, skipped"));
  EXPECT_EQ(browser_.Evaluate("document.querySelector('#redrive .danger').hidden"), "true");

  browser_.Evaluate("location.hash = '#/status'");
  ASSERT_TRUE(Shows("#status", ", as of ")) << TextOf("#status");
  EXPECT_THAT(TextOf("#status .result"),
              AllOf(HasSubstr(pipeline.ingest_admin()), HasSubstr("ready")));
  browser_.Evaluate("location.hash = '#/providers'");
  ASSERT_TRUE(browser_.Await("document.querySelector('#providers .hint') !== null"));
  EXPECT_THAT(TextOf("#providers .hint"), HasSubstr("until the first refused callback"));
  EXPECT_THAT(browser_.complaints(), IsEmpty());
}

}  // namespace
}  // namespace tests
