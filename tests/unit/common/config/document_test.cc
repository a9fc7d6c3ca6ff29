#include "common/config/document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/config/secrets.h"
#include "tests/unit/common/config/fixture.h"

namespace common::config {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// One setting of each kind.
struct Settings {
  std::string name = "default";
  bool is_on = false;
  int threads = 2;
  double rate = 0;
  milliseconds wait{4'000};
  std::chrono::seconds window{60};
  std::size_t max_body = 1024;
  Address listen{"0.0.0.0", 8080};
  std::vector<std::string> list;
  std::map<std::string, std::string> properties;
  std::size_t choice = 0;
  std::string path = "none";
};

void ReadSettings(const Section& root, Settings& settings) {
  root.Read("name", settings.name);
  root.Read("on", settings.is_on);
  root.Read("threads", settings.threads, Range<int>{1, 64});
  root.Read("rate", settings.rate, Range<double>{0, 1000});
  root.Read("wait", settings.wait, DurationRange{milliseconds(10), milliseconds(10'000)});
  root.Read("window", settings.window);
  root.ReadSize("max_body", settings.max_body, Range<std::size_t>{1, 1 << 20});
  root.Read("listen", settings.listen);
  root.Read("list", settings.list);
  root.Read("properties", settings.properties);
  root.ReadChoice("choice", {"spool", "refuse", "drop"}, settings.choice);
  if (const auto spool = root.Child("spool")) spool->Require("path", settings.path);
}

std::vector<std::string> Mistakes(std::string_view text, const Variables& variables = {}) {
  Settings settings;
  return MistakesOf(
      text, [&](const Section& root) { ReadSettings(root, settings); }, variables);
}

TEST(Document, KeepsTheDefaultsOfAnEmptyFile) {
  for (const std::string_view text : {"", "# nothing\n", "---\n", "{}", "~"}) {
    SCOPED_TRACE(text);
    EXPECT_THAT(Mistakes(text), IsEmpty());
  }
}

TEST(Document, ReadsEveryKindOfValue) {
  Document document = Document::Parse(R"(
name: a name
on: true
threads: 8
rate: 2.5
wait: 500ms
window: 2m
max_body: 64KiB
listen: "[::1]:0"
list: [a, "b c", 3]
properties: { bootstrap.servers: "127.0.0.1:9092", linger.ms: 0.5, flag: true }
choice: drop
spool:
  path: /var/lib
)",
                                      EnvironmentOf({}));
  Settings settings;
  ReadSettings(document.root(), settings);
  EXPECT_THAT(document.Finish(), IsEmpty());
  EXPECT_EQ(settings.name, "a name");
  EXPECT_TRUE(settings.is_on);
  EXPECT_EQ(settings.threads, 8);
  EXPECT_EQ(settings.rate, 2.5);
  EXPECT_EQ(settings.wait, milliseconds(500));
  EXPECT_EQ(settings.window, std::chrono::seconds(120));
  EXPECT_EQ(settings.max_body, 65536U);
  EXPECT_EQ(settings.listen, (Address{"::1", 0}));
  EXPECT_THAT(settings.list, ElementsAre("a", "b c", "3"));
  EXPECT_EQ(settings.properties,
            (std::map<std::string, std::string>{
                {"bootstrap.servers", "127.0.0.1:9092"}, {"flag", "true"}, {"linger.ms", "0.5"}}));
  EXPECT_EQ(settings.choice, 2U);
  EXPECT_EQ(settings.path, "/var/lib");
}

TEST(Document, ReportsEveryMistakeWithItsPositionInFileOrder) {
  EXPECT_THAT(Mistakes(R"(nam: x
on: yes
threads: 65
rate: many
wait: 5ms
window: 1500ms
max_body: 2MiB
listen: somewhere
list: a
properties: [a]
choice: keep
spool:
  pth: /x
threads: 3
)"),
              ElementsAre("f.yaml:1:1: nam: unknown key; known here: choice, list, listen, "
                          "max_body, name, on, properties, rate, spool, threads, wait, window",
                          "f.yaml:2:5: on: expected true or false, not 'yes'",         //
                          "f.yaml:3:10: threads: must be between 1 and 64",            //
                          "f.yaml:4:7: rate: expected a number, not 'many'",           //
                          "f.yaml:5:7: wait: must be between 10ms and 10s",            //
                          "f.yaml:6:9: window: expected whole seconds, not '1500ms'",  //
                          "f.yaml:7:11: max_body: must be between 1B and 1MiB",        //
                          "f.yaml:8:9: listen: expected an address and a port, such as "
                          "0.0.0.0:8080 or [::1]:9100, not 'somewhere'",
                          "f.yaml:9:7: list: expected a list, such as [a, b]",                    //
                          "f.yaml:10:13: properties: expected a mapping: lines of `key: value`",  //
                          "f.yaml:11:9: choice: expected spool, refuse or drop, not 'keep'",      //
                          "f.yaml:13:3: spool.path: must be set",                                 //
                          "f.yaml:13:3: spool.pth: unknown key; known here: path",                //
                          "f.yaml:14:1: threads: duplicate key; it is already set in line 3"));
}

TEST(Document, KeepsTheDefaultIfTheValueIsInvalid) {
  Document document = Document::Parse("threads: 0\nwait: soon\nname: ''\n", EnvironmentOf({}));
  Settings settings;
  ReadSettings(document.root(), settings);
  EXPECT_EQ(settings.threads, 2);
  EXPECT_EQ(settings.wait, milliseconds(4'000));
  EXPECT_EQ(settings.name, "default");
  EXPECT_THAT(Rendered(document.Finish()),
              ElementsAre("f.yaml:1:10: threads: must be between 1 and 64",
                          "f.yaml:2:7: wait: expected a duration such as 500ms, 4s or 12h, not "
                          "'soon'",
                          "f.yaml:3:7: name: must not be empty"));
}

TEST(Document, RequiresAValueAfterAKey) {
  EXPECT_THAT(Mistakes("name:\nthreads: ~\nlist: [a, , b]\nproperties: {a: }\n"),
              ElementsAre("f.yaml:1:1: name: expected a string",
                          "f.yaml:2:1: threads: expected a whole number",
                          "f.yaml:3:11: list[1]: expected a non-empty string",
                          "f.yaml:4:14: properties.a: expected a string or a number"));
}

TEST(Document, TreatsAnEmptySectionAsAbsent) { EXPECT_THAT(Mistakes("spool:\n"), IsEmpty()); }

TEST(Document, RefusesInvalidWholeNumbers) {
  for (const std::string_view number :
       {"2.5", "1e1", "0x10", "two", "99999999999", "' 2'", "--2"}) {
    SCOPED_TRACE(number);
    EXPECT_THAT(Mistakes("threads: " + std::string(number)),
                ElementsAre(HasSubstr("f.yaml:1:10: threads: ")));
  }
}

TEST(Document, ReportsThePositionOfSyntaxErrors) {
  EXPECT_THAT(Mistakes("name: x\n  threads: 3\n"), ElementsAre(HasSubstr("f.yaml:2:")));
  EXPECT_THAT(Mistakes("name: [a, b\n"), ElementsAre(HasSubstr("f.yaml:")));
  EXPECT_THAT(Mistakes("name: 'x\nthreads: 3\n"),
              ElementsAre("f.yaml:3:1: a quote before this position is not closed"));
  EXPECT_THAT(Mistakes("name: \"x\nthreads: 3\n"),
              ElementsAre("f.yaml:3:1: a quote before this position is not closed"));
  EXPECT_THAT(Mistakes("\tname: x\n"), ElementsAre(HasSubstr("f.yaml:1:")));
}

TEST(Document, RefusesValidYamlThatIsNotAConfiguration) {
  const struct {
    std::string_view text;
    std::string_view mistake;
  } kCases[] = {
      {"- a\n- b\n", "f.yaml:1:1: the file must be a mapping: lines of `key: value`"},
      {"just text", "f.yaml:1:1: the file must be a mapping: lines of `key: value`"},
      {"a: &x 1\n", "f.yaml:1:4: anchors and aliases are not supported"},
      {"name: x\n---\nname: y\n", "f.yaml:2:1: the file contains more than one document"},
      {"? [a]\n: b\n", "f.yaml:1:3: a key must be a scalar"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    EXPECT_THAT(Mistakes(c.text), ElementsAre(std::string(c.mistake)));
  }
}

TEST(Document, RefusesDeepNesting) {
  std::string text = "list: ";
  for (int i = 0; i < 30; ++i) text += "[";
  for (int i = 0; i < 30; ++i) text += "]";
  EXPECT_THAT(Mistakes(text), ElementsAre("f.yaml:1:22: nested too deeply"));
}

TEST(Document, ExpandsEnvironmentVariables) {
  Document document =
      Document::Parse("name: ${A}-$${B}-${_c1}$\nwait: ${WAIT}\nlist: [\"${A}\"]\n",
                      EnvironmentOf({{"A", "x: [y]"}, {"_c1", ""}, {"WAIT", "5s"}}));
  Settings settings;
  ReadSettings(document.root(), settings);
  EXPECT_THAT(Rendered(document.Finish()), IsEmpty());
  EXPECT_EQ(settings.name, "x: [y]-${B}-$");
  EXPECT_EQ(settings.wait, milliseconds(5'000));
  EXPECT_THAT(settings.list, ElementsAre("x: [y]"));
}

TEST(Document, ReportsUnsetVariablesAndInvalidNames) {
  EXPECT_THAT(
      Mistakes("name: ${NOT_SET}\nwait: ${}\nlist: [\"${A\", b]\nrate: ${1A}\n", {{"A", "x"}}),
      ElementsAre("f.yaml:1:7: name: the environment variable NOT_SET is not set",
                  "f.yaml:2:7: wait: `${` must be followed by a variable's name and `}`",
                  "f.yaml:3:8: list[0]: `${` must be followed by a variable's name and `}`",
                  "f.yaml:4:7: rate: `${` must be followed by a variable's name and `}`"));
}

TEST(Document, NeverShowsAVariablesValue) {
  EXPECT_THAT(Mistakes("wait: ${SECRET}\nthreads: \"1${SECRET}\"\n", {{"SECRET", "hunter2"}}),
              ElementsAre("f.yaml:1:7: wait: expected a duration such as 500ms, 4s or 12h",
                          "f.yaml:2:10: threads: expected a whole number"));
}

TEST(Document, ReportsMissingRequiredKeys) {
  int number = 0;
  std::string text;
  EXPECT_THAT(MistakesOf("other: 1\n",
                         [&](const Section& root) {
                           EXPECT_FALSE(root.Require("number", number));
                           EXPECT_FALSE(RequireSecret(root, "secret", text));
                           EXPECT_TRUE(root.Require("other", number, Range<int>{1, 2}));
                         }),
              ElementsAre("f.yaml:1:1: number: must be set",
                          "f.yaml:1:1: secret: must be set, or secret_file instead"));
}

TEST(Document, CanIgnoreUnknownKeys) {
  EXPECT_THAT(MistakesOf("a: 1\nb:\n  c: ${UNSET}\n",
                         [](const Section& root) { root.IgnoreUnknownKeys(); }),
              IsEmpty());
}

TEST(Document, ReportsReaderMistakesAtTheValuesLine) {
  EXPECT_THAT(MistakesOf("a:\n  b: 1\n",
                         [](const Section& root) {
                           const auto a = root.Child("a");
                           EXPECT_THAT(a->Keys(), ElementsAre("b"));
                           a->Mistake("b", "is invalid");
                           a->Mistake("c", "is not here");
                         }),
              ElementsAre("f.yaml:2:3: a.c: is not here", "f.yaml:2:6: a.b: is invalid"));
}

TEST(Document, SaysTabWhereATabIndents) {
  constexpr const char* kTab = ": a tab in the indentation: YAML takes only spaces there";
  const std::vector<std::pair<std::string_view, std::string>> texts = {
      {"spool:\n\tpath: x\n", "f.yaml:2:1"},
      {"spool:\n  path: x\n\tmax: 1\n", "f.yaml:3:1"},
      {"\tname: x\n", "f.yaml:1:1"},
      {"spool:\n  \tpath: x\n", "f.yaml:2:3"},
      {"list:\n\t- a\n", "f.yaml:2:1"},
      {"# first\n\nspool:\n\tpath:\n\t\ta: b\n", "f.yaml:4:1"}};
  for (const auto& [text, place] : texts) {
    SCOPED_TRACE(text);
    EXPECT_THAT(Mistakes(text), ElementsAre(place + kTab));
  }
}

TEST(Document, AcceptsATabThatDoesNotIndent) {
  EXPECT_THAT(Mistakes("name:\ta\nlist: [a,\n\tb]\n"), IsEmpty());
}

TEST(Document, ReportsNoMissingKeysOfInvalidYaml) {
  Document document = Document::Parse("name: a: b\n", EnvironmentOf({}));
  std::string text;
  EXPECT_FALSE(document.root().Require("base_url", text));
  document.root().Mistake("kafka.bootstrap.servers", "must be set");
  EXPECT_THAT(Rendered(document.Finish()), ElementsAre(HasSubstr("f.yaml:1:8: ")));
}

TEST(Document, RefusesAnEncodingOtherThanUtf8) {
  using std::string_view_literals::operator""sv;
  for (const std::string_view text :
       {"\xFF\xFEn\0a\0"sv, "\xFE\xFF\0n\0a"sv, "n\0a\0m\0"sv, "\0n\0a\0m"sv}) {
    EXPECT_THAT(Mistakes(text), ElementsAre("f.yaml:1:1: the file is in UTF-16: save it as UTF-8"));
  }
  for (const std::string_view text :
       {"\xFF\xFE\0\0n\0\0\0"sv, "\0\0\xFE\xFF\0\0\0n"sv, "n\0\0\0"sv}) {
    EXPECT_THAT(Mistakes(text), ElementsAre("f.yaml:1:1: the file is in UTF-32: save it as UTF-8"));
  }
  EXPECT_THAT(Mistakes("\xEF\xBB\xBFname: a\n"), IsEmpty()) << "UTF-8 with a mark";
}

// `spool:` above nothing but comments would turn the spool off without a word.
TEST(Document, DoubtsASectionWithoutKeys) {
  Document document = Document::Parse("name: a\nspool:\n  # path: /s\nother:\n", EnvironmentOf({}));
  Settings settings;
  ReadSettings(document.root(), settings);
  ReadSettings(document.root(), settings);
  document.root().Skip("other");
  EXPECT_THAT(Rendered(document.Finish()), IsEmpty());
  EXPECT_THAT(
      Rendered(document.Doubts()),
      ElementsAre("f.yaml:2:1: spool: sets nothing: no key stands below it (a comment does not "
                  "count)"))
      << "once, although it is read twice";
}

TEST(Document, HasDoubtsOnlyOfAValidText) {
  const auto doubts = [](std::string_view text) {
    Document document = Document::Parse(text, EnvironmentOf({}));
    document.root().Doubt("name", "odd");
    Settings settings;
    ReadSettings(document.root(), settings);
    (void)document.Finish();
    return Rendered(document.Doubts());
  };
  EXPECT_THAT(doubts("on: true\nname: a\n"), ElementsAre("f.yaml:2:7: name: odd"));
  EXPECT_THAT(doubts("name: a\nnmae: b\n"), IsEmpty());
}

}  // namespace
}  // namespace common::config
