// The page of `sluicectl serve` in a real browser.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "common/base/rfc3339.h"
#include "tests/support/http_client.h"
#include "tests/system/ops/ctl/serve/served_records.h"

namespace tests {
namespace {

using std::chrono::seconds;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

using Page = ServedRecords;

TEST_F(Page, OpensOnceInOneBrowser) {
  Serve();
  Visit("#/search");
  EXPECT_TRUE(browser().Await("document.querySelector('#search h1').offsetHeight > 0"));
  EXPECT_EQ(browser().Evaluate("location.search"), "\"\"");
  EXPECT_EQ(browser().Evaluate("document.cookie"), "\"\"");

  Browser other;
  other.Open(page_->url());
  EXPECT_THAT(other.Evaluate("document.body.innerText"), HasSubstr("It opens the page once"));
  other.Open(page_->origin() + "/app.js");
  EXPECT_THAT(other.Evaluate("document.body.innerText"), Not(HasSubstr("import")));
  EXPECT_THAT(other.complaints(), Not(IsEmpty()));  // "401", of which a page shows nothing else.

  browser().Open(page_->origin() + "/");
  EXPECT_TRUE(browser().Await("document.querySelector('#search h1').offsetHeight > 0"));
}

TEST_F(Page, DoesNotOpenToThePageOfAnotherProgramOnThisHost) {
  Serve();
  const ServedPage neighbour({"--config", config_});
  const std::string cookie = page_->LogIn();
  const auto ask = [&](const std::string& origin, const std::string& site) {
    return Send({.url = page_->origin() + "/api/page",
                 .fields = {{"Cookie", cookie}, {"Origin", origin}, {"Sec-Fetch-Site", site}}})
        .status;
  };
  EXPECT_EQ(ask(page_->origin(), "same-origin"), 200);
  EXPECT_EQ(ask(neighbour.origin(), "same-site"), 403);
  EXPECT_EQ(ask("http://evil.example", "cross-site"), 403);
  EXPECT_EQ(ask("null", "cross-site"), 403);
}

TEST_F(Page, ShowsTheTimelineThatItsAddressNames) {
  kafka_.Produce(callbacks_, {Callback("p1", "accepted"), Callback("p1", "accepted")});
  kafka_.Produce(callbacks_, {Callback("p2", "accepted")});
  kafka_.Produce(dead_, {Letter("p1", "gone")});
  Serve();
  Visit("#/search?id=p1");
  ASSERT_TRUE(Shows("#search", "dead: 3 events.")) << TextOf("#search");
  EXPECT_EQ(Count(".timeline li"), "3");
  EXPECT_THAT(TextOf(".summary"), HasSubstr("dead after "));
  EXPECT_THAT(TextOf(".timeline"), AllOf(HasSubstr("received"), HasSubstr("duplicate"),
                                         HasSubstr("dead"), HasSubstr("gone"), HasSubstr("r-1")));
  EXPECT_EQ(browser().Evaluate("document.title"), "\"What became of it? – Sluice\"");

  // The dossier's own address, by its link.
  browser().Evaluate("document.querySelector('.sheet a').click()");
  ASSERT_TRUE(browser().Await("location.hash.includes('dossier')"));
  ASSERT_TRUE(Shows("#search", "dead: 3 events."));
  EXPECT_EQ(browser().Evaluate("document.querySelector('#search [name=by]').value"), "\"dossier\"");

  Go("#/search?id=p2");
  ASSERT_TRUE(Shows("#search", "waiting: 1 event.")) << TextOf("#search");
  EXPECT_THAT(TextOf(".summary.waiting"), HasSubstr(" since "));
}

TEST_F(Page, TellsThatNothingIsKnown) {
  Serve();
  Visit("#/search?id=nobody");
  EXPECT_TRUE(Shows("#search", "unknown: 0 events.")) << TextOf("#search");
  EXPECT_THAT(TextOf(".summary"), HasSubstr("unknown: no record of it is on the topics"));
  Go("#/search?id=nothing&by=dossier");
  EXPECT_TRUE(Shows("#search", "No callback or announcement of this dossier is on the topics."))
      << TextOf("#search");
  Go("#/search?id=nobody&since=soon");
  EXPECT_TRUE(Shows("#search", "--since must be a duration")) << TextOf("#search");
  EXPECT_THAT(browser().complaints(), SizeIs(1));  // That 400.
  browser().ForgetComplaints();
}

TEST_F(Page, ShowsHostileTextAsText) {
  const std::string hostile = "<img src=x onerror=\"window.hit=1\"><script>window.hit=2</script>";
  Record callback = Callback(hostile, hostile);
  callback.headers = {{"provider", hostile},
                      {"request-id", hostile},
                      {"ingest-instance", hostile},
                      {"redrive", "javascript:window.hit=3"}};
  kafka_.Produce(callbacks_, {callback});
  Record letter = Letter(hostile, hostile);
  letter.headers.insert(letter.headers.end(),
                        {{"provider", hostile}, {"dead.trace-id", hostile}, {hostile, hostile}});
  kafka_.Produce(dead_, {letter});
  Serve({"--show-bodies"});
  Visit("#/search?id=" + std::string("%3Cimg%20src%3Dx%20onerror%3D%22window.hit%3D1%22%3E%3C"
                                     "script%3Ewindow.hit%3D2%3C%2Fscript%3E"));
  ASSERT_TRUE(browser().Await("document.querySelectorAll('.timeline li').length === 2"))
      << TextOf("#search");
  EXPECT_THAT(TextOf(".timeline"), HasSubstr("<img src=x"));
  Go("#/dead?since=all");
  ASSERT_TRUE(Shows("#dead", "1 letter.")) << TextOf("#dead");
  EXPECT_THAT(TextOf("#dead tbody"), HasSubstr("<img src=x"));
  browser().Evaluate("document.querySelector('#dead tbody button').click()");
  ASSERT_TRUE(browser().Await("document.querySelector('#letter pre') !== null"));
  EXPECT_THAT(TextOf("#letter"), HasSubstr("<img src=x"));
  EXPECT_EQ(Count("img"), "0");
  EXPECT_EQ(Count("script"), "1");
  EXPECT_EQ(browser().Evaluate("typeof window.hit"), "\"undefined\"");
}

TEST_F(Page, RunsAndLoadsNothingThatItDidNotBring) {
  Serve();
  Visit("#/search");
  ASSERT_TRUE(browser().Await("document.querySelector('#search h1').offsetHeight > 0"));
  browser().Evaluate(
      "(() => { const script = document.createElement('script'); script.textContent = "
      "'window.hit = 1'; document.head.append(script); })()");
  EXPECT_EQ(browser().Evaluate("typeof window.hit"), "\"undefined\"");
  const std::string elsewhere = "http://127.0.0.1:9/";
  EXPECT_EQ(browser().Evaluate("fetch('" + elsewhere + "').then(() => 'came', () => 'refused')"),
            "\"refused\"");
  EXPECT_EQ(
      browser().Evaluate("new Promise((done) => { const image = new Image(); image.onload = () "
                         "=> done('came'); image.onerror = () => done('refused'); image.src "
                         "= '" +
                         elsewhere + "'; })"),
      "\"refused\"");
  EXPECT_THAT(browser().complaints(), SizeIs(testing::Ge(3U)));
  EXPECT_THAT(browser().complaints(), testing::Each(HasSubstr("Content Security Policy")));
  browser().ForgetComplaints();
}

TEST_F(Page, FiltersLetters) {
  kafka_.Produce(dead_, {Letter("one", "gone"), Letter("two", "too-old"), Letter("three", "gone")});
  Serve();
  Visit("#/dead?reason=gone");
  ASSERT_TRUE(Shows("#dead", "2 letters.")) << TextOf("#dead");
  EXPECT_THAT(TextOf("#dead tbody"),
              AllOf(HasSubstr("one"), HasSubstr("three"), Not(HasSubstr("two"))));
  EXPECT_EQ(browser().Evaluate("document.querySelector('#dead [name=reason]').value"), "\"gone\"");
  // Searches with the form.
  browser().Evaluate(
      "(() => { const form = document.querySelector('#dead form'); form.elements.reason.value = '';"
      " form.elements.id.value = 'two'; form.requestSubmit(); })()");
  ASSERT_TRUE(Shows("#dead", "1 letter.")) << TextOf("#dead");
  EXPECT_EQ(browser().Evaluate("location.hash"), "\"#/dead?id=two&since=7d\"");
  Go("#/dead?id=nobody");
  EXPECT_TRUE(Shows("#dead", "There are no such letters."));
}

TEST_F(Page, ShowsNoBodyUnlessAllowed) {
  Record letter = Letter("p1", "gone");
  letter.value = R"({"dossierId":"d","processId":"p1","name":"Plaintext Secret"})";
  kafka_.Produce(dead_, {letter});
  Serve();
  Visit("#/dead");
  ASSERT_TRUE(Shows("#dead", "1 letter."));
  browser().Evaluate("document.querySelector('#dead tbody button').click()");
  ASSERT_TRUE(browser().Await("document.querySelector('#letter h3') !== null"));
  EXPECT_THAT(TextOf("#letter"), AllOf(HasSubstr("60 bytes, not shown"), HasSubstr("dead.reason"),
                                       Not(HasSubstr("Plaintext"))));
  EXPECT_THAT(browser().Evaluate("fetch('/api/letter?place=0:0').then((answer) => answer.text())"),
              AllOf(HasSubstr("dead.reason"), Not(HasSubstr("Plaintext"))));
  EXPECT_THAT(browser().Evaluate("fetch('/api/dead').then((answer) => answer.text())"),
              AllOf(HasSubstr("gone"), Not(HasSubstr("Plaintext"))));

  Serve({"--show-bodies"});
  Visit("#/dead");
  ASSERT_TRUE(Shows("#dead", "1 letter."));
  browser().Evaluate("document.querySelector('#dead tbody button').click()");
  ASSERT_TRUE(browser().Await("document.querySelector('#letter pre') !== null"));
  EXPECT_THAT(TextOf("#letter pre"), HasSubstr("Plaintext Secret"));
}

TEST_F(Page, OffersNoRedriveUnlessAllowed) {
  kafka_.Produce(dead_, {Letter("p1", "gone")});
  Serve();
  Visit("#/dead");
  ASSERT_TRUE(Shows("#dead", "1 letter."));
  EXPECT_EQ(Count("#dead input[type=checkbox]"), "0");
  EXPECT_EQ(
      browser().Evaluate("fetch('/api/redrive', {method: 'POST', headers: {'Content-Type': "
                         "'application/json'}, body: '{\"letters\":[\"0:0\"],\"dryRun\":false}'})"
                         ".then((answer) => answer.status)"),
      "403");
  EXPECT_THAT(browser().complaints(), SizeIs(1));  // That 403.
  browser().ForgetComplaints();
  EXPECT_THAT(kafka_.ReadAll(callbacks_), IsEmpty());
}

TEST_F(Page, RedrivesNothingWithoutADryRunOfTheSameLetters) {
  kafka_.Produce(dead_, {Letter("p1", "gone"), Letter("p2", "gone")});
  Serve({"--allow-redrive"});
  const std::string cookie = page_->LogIn();
  const auto redrive = [&](const std::string& letters, const std::string& dry_run) {
    return Post(
        page_->origin() + "/api/redrive",
        "{\"letters\":[" + letters + "],\"dryRun\":" + dry_run + "}",
        {{"Cookie", cookie}, {"Origin", page_->origin()}, {"Content-Type", "application/json"}});
  };
  EXPECT_EQ(redrive(R"("0:0")", "false").status, 400);
  EXPECT_THAT(redrive(R"("0:0")", "true").body, HasSubstr(R"("dryRun":true,"complete":true,)"
                                                          R"("selected":1,"redriven":0)"));
  EXPECT_EQ(redrive(R"("0:0","0:1")", "false").status, 400);
  EXPECT_THAT(kafka_.ReadAll(callbacks_), IsEmpty());
  EXPECT_THAT(redrive(R"("0:0")", "false").body, HasSubstr(R"("redriven":1)"));
  EXPECT_EQ(redrive(R"("0:0")", "false").status, 400);
  // A letter that is no more is not selected; one that was redriven is skipped.
  EXPECT_THAT(redrive(R"("0:0","0:7")", "true").body,
              AllOf(HasSubstr(R"("selected":0)"), HasSubstr(R"("redrivenBefore":1)")));
  EXPECT_EQ(redrive(R"("9:0")", "true").status, 400);
  const std::vector<Record> redriven = kafka_.ReadAll(callbacks_);
  ASSERT_THAT(redriven, SizeIs(1));
  EXPECT_EQ(redriven[0].key, "p1");
}

TEST_F(Page, RedrivesBesideALetterWhoseBodyIsOmitted) {
  Record omitted = Letter("p2", "too-large");
  omitted.value = "";
  omitted.headers.push_back({"dead.body", "omitted"});
  kafka_.Produce(dead_, {Letter("p1", "gone"), omitted});
  Serve({"--allow-redrive"});
  Visit("#/dead");
  ASSERT_TRUE(Shows("#dead", "2 letters.")) << TextOf("#dead");
  browser().Evaluate("document.querySelectorAll('#dead tbody input').forEach((e) => e.click())");
  browser().Evaluate("document.querySelector('#dead .actions button').click()");
  ASSERT_TRUE(Shows("#redrive", "Dry run: 1 letter of 2")) << TextOf("#redrive");
  EXPECT_THAT(TextOf("#redrive .result"), HasSubstr("0:1: its body is omitted"));
  browser().Evaluate("document.querySelector('#redrive .danger').click()");
  ASSERT_TRUE(Shows("#redrive", "1 letter went back to callbacks.")) << TextOf("#redrive");
  EXPECT_THAT(TextOf("#redrive"), Not(HasSubstr("redrive the rest")));
  EXPECT_THAT(kafka_.ReadAll(callbacks_), SizeIs(1));
}

// A redrive that a minute was too short for, and one during which Kafka went away.
TEST_F(Page, CallsNoLetterMissingThatARedriveHasNotLookedAt) {
  kafka_.Produce(dead_, {Letter("p1", "gone"), Letter("p2", "gone"), Letter("p3", "gone")});
  for (const auto& [why, sentence] :
       {std::pair(R"("interrupted":true)", "It is not complete: redrive the rest again."),
        std::pair(R"("error":"no broker answers")", "It ended early: no broker answers.")}) {
    Serve({"--allow-redrive"});
    Visit("#/dead");
    ASSERT_TRUE(Shows("#dead", "3 letters.")) << TextOf("#dead");
    browser().Evaluate("document.querySelectorAll('#dead tbody input').forEach((e) => e.click())");
    browser().Evaluate("document.querySelector('#dead .actions button').click()");
    ASSERT_TRUE(Shows("#redrive", "Dry run: 3 letters of 3")) << TextOf("#redrive");
    browser().Evaluate(
        R"((() => { const asked = window.fetch; window.fetch = async () => {
          window.fetch = asked;
          return new Response('{"dryRun":false,"complete":false,"selected":1,"redriven":1,)"
        R"("failed":0,"redrivenBefore":0,"unsure":0,"failures":[],)" +
        std::string(why) + "}'); }; })()");
    browser().Evaluate("document.querySelector('#redrive .danger').click()");
    ASSERT_TRUE(Shows("#redrive", "1 letter went back to callbacks. " + std::string(sentence)))
        << TextOf("#redrive");
    EXPECT_THAT(TextOf("#redrive"), Not(HasSubstr("not there any more")));
  }
}

TEST_F(Page, CanBeUsedByKeyboardAlone) {
  kafka_.Produce(dead_, {Letter("p1", "gone")});
  Serve({"--allow-redrive"});
  Visit("#/search");
  const auto focus = [&] {
    return browser().Evaluate(
        "((e) => e.getAttribute('href') ?? e.name ?? e.textContent)(document.activeElement)");
  };
  // The four links, then the form.
  ASSERT_TRUE(browser().Await("document.querySelector('#search h1').offsetHeight > 0"));
  std::vector<std::string> order;
  for (int i = 0; i < 8; ++i) {
    browser().Press("Tab");
    order.push_back(focus());
  }
  EXPECT_THAT(order, ElementsAre("\"#/search\"", "\"#/status\"", "\"#/dead\"", "\"#/providers\"",
                                 "\"id\"", "\"by\"", "\"since\"", "\"\""));
  browser().Evaluate("document.querySelector('#search [name=id]').focus()");
  browser().Type("p1");
  browser().Press("Enter");
  ASSERT_TRUE(Shows("#search", "1 event.")) << TextOf("#search");

  // A letter's dialog takes the focus, and gives it back.
  browser().Evaluate("document.querySelector('.timeline button').focus()");
  browser().Press("Enter");
  ASSERT_TRUE(browser().Await("document.querySelector('#letter[open] h3') !== null"));
  EXPECT_EQ(browser().Evaluate("document.activeElement.closest('dialog')?.id"), "\"letter\"");
  browser().Press("Escape");
  ASSERT_TRUE(browser().Await("document.querySelector('#letter[open]') === null"));
  EXPECT_EQ(browser().Evaluate("document.activeElement.textContent"), "\"Letter\"");

  // Another view begins at its heading.
  browser().Evaluate("document.querySelector('a[href=\"#/dead\"]').focus()");
  browser().Press("Enter");
  ASSERT_TRUE(Shows("#dead", "1 letter."));
  EXPECT_EQ(browser().Evaluate("document.activeElement.id"), "\"dead-title\"");
  browser().Evaluate("document.querySelector('#dead tbody input').focus()");
  browser().Press("Space");
  ASSERT_TRUE(browser().Await("!document.querySelector('#dead .actions button').disabled"));
  browser().Evaluate("document.querySelector('#dead .actions button').focus()");
  browser().Press("Enter");
  ASSERT_TRUE(Shows("#redrive", "Dry run: 1 letter of 1"));
  browser().Evaluate("document.querySelector('#redrive .danger').focus()");
  browser().Press("Enter");
  ASSERT_TRUE(Shows("#redrive", "1 letter went back to callbacks."));
  EXPECT_EQ(browser().Evaluate("document.activeElement.textContent"), "\"Close\"");
  EXPECT_THAT(kafka_.ReadAll(callbacks_), SizeIs(1));
}

TEST_F(Page, LinksALetterToItsTraceAndATraceToGrafanaAtThatTime) {
  tests::Record callback = Callback("p1", "accepted");
  callback.timestamp_ms = common::WallNow().time_since_epoch().count();
  kafka_.Produce(callbacks_, {callback});
  kafka_.Produce(dead_, {Letter("p1", "gone")});
  Serve({"--grafana", "https://grafana.example.com"});
  Visit("#/dead");
  ASSERT_TRUE(Shows("#dead", "1 letter."));
  browser().Evaluate("document.querySelector('#dead tbody button').click()");
  ASSERT_TRUE(browser().Await("document.querySelector('#letter a') !== null"));
  browser().Evaluate("document.querySelector('#letter a').click()");
  ASSERT_TRUE(Shows("#search", "2 events.")) << TextOf("#search");
  EXPECT_EQ(browser().Evaluate("document.querySelector('#letter').open"), "false");
  const std::string from = std::to_string(callback.timestamp_ms - 300'000);
  EXPECT_THAT(browser().Evaluate("document.querySelector('#search .sheet p a[target]').href"),
              HasSubstr("https://grafana.example.com/d/sluice-consumer?from=" + from + "&to="));
}

TEST_F(Page, NamesEverythingForScreenReaders) {
  kafka_.Produce(dead_, {Letter("p1", "gone")});
  Serve({"--allow-redrive", "--grafana", "https://grafana.example.com"});
  Visit("#/dead");
  ASSERT_TRUE(Shows("#dead", "1 letter."));
  const std::vector<std::string> nodes = browser().AccessibleNodes();
  for (const char* node :
       {"heading Dead letters", "navigation Views", "link Search", "combobox Reason",
        "combobox Provider", "textbox Id", "button Filter", "table Dead letters, the newest first",
        "columnheader Died", "checkbox Letter 0:0", "checkbox all that are shown", "button 0:0",
        "navigation Grafana", "link Overview", "region Dead letters"}) {
    EXPECT_THAT(nodes, Contains(node));
  }
  for (const char* role : {"button ", "link ", "textbox ", "combobox ", "checkbox ", "heading "}) {
    EXPECT_THAT(nodes, Not(Contains(role))) << "without a name";
  }
  EXPECT_EQ(browser().Evaluate("document.querySelector('#grafana a').href"),
            "\"https://grafana.example.com/d/sluice-overview\"");
  EXPECT_EQ(browser().Evaluate("document.querySelector('#grafana a').rel"),
            "\"noopener noreferrer\"");
  EXPECT_EQ(browser().Evaluate("document.querySelector('#dead .state').getAttribute('role')"),
            "\"status\"");
  EXPECT_EQ(browser().Evaluate("document.documentElement.lang"), "\"en\"");
}

TEST_F(Page, FitsANarrowScreenAndBothColourSchemes) {
  kafka_.Produce(callbacks_, {Callback(std::string(200, 'p'), "accepted")});
  kafka_.Produce(dead_, {Letter(std::string(200, 'p'), "gone")});
  Serve({"--allow-redrive", "--grafana", "https://grafana.example.com"});
  Visit("#/search?id=" + std::string(200, 'p'));
  ASSERT_TRUE(Shows("#search", "2 events.")) << TextOf("#search");
  browser().Resize(360, 640);
  // The least contrast of texts with what they stand on, as WCAG 2 computes it.
  const std::string contrast = R"((() => {
    const channels = (color) => color.match(/[\d.]+/g).map(Number);
    const luminance = ([r, g, b]) => [r, g, b].map((c) => c / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
      .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    const ground = (element) => {
      const color = channels(getComputedStyle(element).backgroundColor);
      return color[3] === 0 && element.parentElement ? ground(element.parentElement) : color;
    };
    const ratios = [...document.querySelectorAll('body *')]
      .filter((e) => e.offsetHeight > 0 && [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()))
      .map((e) => {
        const [light, dark] = [luminance(channels(getComputedStyle(e).color)), luminance(ground(e))].sort((a, b) => b - a);
        return (light + 0.05) / (dark + 0.05);
      });
    return Math.min(...ratios) >= 4.5;
  })())";
  std::string grounds;
  for (const bool is_dark : {false, true}) {
    browser().PreferDark(is_dark);
    grounds += browser().Evaluate("getComputedStyle(document.body).backgroundColor");
    for (const char* view : {"search?id=x", "status", "dead", "providers"}) {
      SCOPED_TRACE(view + std::string(is_dark ? ", dark" : ", light"));
      Go("#/" + std::string(view));
      ASSERT_TRUE(
          browser().Await("document.querySelector('section:not([hidden]) .result')"
                          ".childElementCount > 0"))
          << TextOf("main");
      EXPECT_EQ(browser().Evaluate("document.documentElement.scrollWidth <= 360"), "true");
      EXPECT_EQ(browser().Evaluate("[...document.querySelectorAll('caption, td, h1, p, label')]"
                                   ".filter((e) => e.offsetWidth > 0 && e.innerText.length > 9)"
                                   ".every((e) => e.offsetWidth > 60)"),
                "true");
      EXPECT_EQ(browser().Evaluate(contrast), "true");
    }
  }
  EXPECT_EQ(grounds, "\"rgb(246, 247, 249)\"\"rgb(18, 22, 28)\"");
}

TEST_F(Page, ShowsStatusAndProviders) {
  kafka_.Produce(callbacks_, {Callback("p1", "accepted")});
  Serve();
  Visit("#/status");
  ASSERT_TRUE(Shows("#status", "Not well, as of ")) << TextOf("#status");
  EXPECT_THAT(TextOf("#status .result"),
              AllOf(HasSubstr("callbacks wait"), HasSubstr("2 partitions")));
  Go("#/providers");
  ASSERT_TRUE(browser().Await("document.querySelectorAll('#providers tbody tr').length > 4"));
  EXPECT_THAT(TextOf("#providers .result"),
              AllOf(HasSubstr("readid"), HasSubstr("every 1h, 24 times"), HasSubstr("spooled"),
                    HasSubstr("--instance names the admin port of ingest")));
}

TEST_F(Page, SaysSoWhenSluicectlHasStopped) {
  Serve();
  Visit("#/search");
  ASSERT_TRUE(browser().Await("document.querySelector('#search h1').offsetHeight > 0"));
  EXPECT_EQ(page_->process().Terminate(seconds(30)), 0);
  Go("#/search?id=p1");
  EXPECT_TRUE(Shows("#search", "sluicectl does not answer: was it stopped?"));
  browser().ForgetComplaints();  // "connection refused"
}

}  // namespace
}  // namespace tests
