#include "tests/system/ingest/answer_table.h"

namespace ingest {
namespace {

std::string Needle() { return std::string(kNeedle); }

}  // namespace

std::vector<RequestVariant> AcceptedRequests() {
  const auto post = [](const Asking& asking) { return Post(asking); };
  const auto with = [](const std::string& fields) {
    return [fields](const Asking& asking) { return Post(asking, {.fields = fields}); };
  };
  const auto target = [](const std::function<std::string(const std::string&)>& change) {
    return [change](const Asking& asking) {
      return Post(asking, {.target = change(asking.sender.path)});
    };
  };
  const auto upper = [](std::string path) {
    for (char& c : path) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return "/callbacks/" + path.substr(std::string_view("/callbacks/").size());
  };
  return {
      {"a callback", Same("A"), post},
      {"a callback and its redelivery", Same("A, A"),
       [](const Asking& asking) { return Post(asking) + Post(asking); }},
      // ingest does not interpret the body.
      {"no JSON", Same("A"), post, Delivery::kAtOnce, "not json, " + Needle()},
      {"JSON without ids", Same("A"), post, Delivery::kAtOnce, R"({"a":")" + Needle() + R"("})"},
      {"ids of a wrong type", Same("A"), post, Delivery::kAtOnce,
       R"({"dossierId":1,"processId":[]})"},
      {"unknown fields and an unknown status", Same("A"), post, Delivery::kAtOnce,
       R"({"dossierId":"d","processId":"p","status":"zoomed","more":{"x":[1e999]}})"},
      {"bytes that are no text", Same("A"), post, Delivery::kAtOnce,
       std::string("\0\xFF\xFE\r\n\r\n", 7)},
      {"a body that looks like a request", Same("A"), post, Delivery::kAtOnce,
       "GET /callbacks/onfido HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"Content-Length: 0", Same("A"), post, Delivery::kAtOnce, ""},
      {"a body of exactly the largest size", Same("A"), post, Delivery::kAtOnce,
       std::string(kMaxBody, 'x')},
      {"the same in chunks", Same("A"),
       [](const Asking& asking) { return PostChunked(asking, 500); }, Delivery::kAtOnce,
       std::string(kMaxBody, 'x')},
      {"chunks", Same("A"), [](const Asking& asking) { return PostChunked(asking); }},
      {"chunks of nothing", Same("A"), [](const Asking& asking) { return PostChunked(asking); },
       Delivery::kAtOnce, ""},
      {"chunks with extensions and trailers", Same("A"),
       [](const Asking& asking) {
         return PostChunked(asking, 9, ";a=\"" + Needle() + "\"",
                            "X-Trailer: " + Needle() + "\r\n");
       }},
      {"chunks with white space before their extensions", Same("A"),
       [](const Asking& asking) { return PostChunked(asking, 9, " \t;a"); }},
      {"chunks with a trailer that frames", Same("A"),
       [](const Asking& asking) { return PostChunked(asking, 9, "", "Content-Length: 9\r\n"); }},
      // Content is not negotiated.
      {"a content type that is none", Same("A"), with("Content-Type: ;;;/" + Needle() + "\r\n")},
      {"a content type that is no UTF-8", Same("A"), with("Content-Type: caf\xE9\r\n")},
      {"another content type", Same("A"),
       with("Content-Type: image/png\r\nContent-Encoding: br\r\n")},
      {"an Accept that cannot be met", Same("A"),
       with("Accept: text/html;q=0\r\nAccept-Charset: x\r\n")},
      {"an unknown expectation", Same("A"), with("Expect: " + Needle() + "\r\n")},
      {"110 short fields", Same("A"),
       [](const Asking& asking) {
         std::string fields;
         for (int i = 0; i < 110; ++i) fields += "a:b\r\n";
         return Post(asking, {.fields = fields});
       }},
      {"60 more fields", Same("A"),
       [](const Asking& asking) {
         std::string fields;
         for (int i = 0; i < 60; ++i) fields += "X-" + std::to_string(i) + ": 1\r\n";
         return Post(asking, {.fields = fields});
       }},
      {"empty lines first", Same("A"),
       [](const Asking& asking) { return "\r\n\r\n" + Post(asking); }},
      {"byte by byte", Same("A"), post, Delivery::kByteByByte},
      {"chunks, byte by byte", Same("A"), [](const Asking& asking) { return PostChunked(asking); },
       Delivery::kByteByByte},
      // The path is never redirected.
      {"a trailing slash", Same("A"), target([](const std::string& path) { return path + "/"; })},
      {"upper case", Same("A"), target(upper)},
      {"a slash too many", Same("A"), target([](const std::string& path) { return "/" + path; })},
      {"two slashes too many", Same("A"),
       target([](const std::string& path) { return "//" + path + "/"; })},
      {"a query", Same("A"),
       target([](const std::string& path) { return path + "?" + Needle() + "=/x/../y"; })},
      {"an absolute target", Same("A"),
       target([](const std::string& path) { return "https://elsewhere.example:8443" + path; })},
      // The connection.
      {"Expect: 100-continue", Same("100, A"),
       [](const Asking& asking) {
         return Render(asking, {.fields = "Expect: 100-continue\r\nContent-Length: " +
                                          std::to_string(asking.body.size()) + "\r\n"});
       }},
      {"Expect: 100-continue and the body at once", Same("A"), with("Expect: 100-continue\r\n")},
      {"Connection: close", Same("A close"), with("Connection: close\r\n")},
      {"HTTP/1.0", Same("A close"),
       [](const Asking& asking) { return Post(asking, {.version = "HTTP/1.0"}); }},
      {"HTTP/1.0 without a host", Same("A close"),
       [](const Asking& asking) {
         std::string request = Post(asking, {.version = "HTTP/1.0"});
         return request.erase(request.find("Host: ingest\r\n"), 14);
       }},
      {"HTTP/1.2", Same("A"),
       [](const Asking& asking) { return Post(asking, {.version = "HTTP/1.2"}); }},
      {"HTTP/1.9, to be closed", Same("A close"),
       [](const Asking& asking) {
         return Post(asking, {.version = "HTTP/1.9", .fields = "Connection: close\r\n"});
       }},
      {"HTTP/1.0, kept alive", Same("A"),
       [](const Asking& asking) {
         return Post(asking, {.version = "HTTP/1.0", .fields = "Connection: Keep-Alive\r\n"});
       }},
      {"the last request of a client", Same("A close"), with("Connection: close\r\n"),
       Delivery::kThenEnd},
      {"pipelined with one without authorization", Same("A, 401, A"),
       [](const Asking& asking) {
         return Post(asking) + Post(asking, {.authorization = ""}) + PostChunked(asking);
       }},
      // Under the prefix, but not a known provider.
      {"no name", Same("U"), target([](const std::string&) { return "/callbacks"; })},
      {"an empty name", Same("U"), target([](const std::string&) { return "/callbacks/"; })},
      {"an empty segment", Same("U"),
       target([](const std::string& path) { return "/callbacks/" + path.substr(10); })},
      {"a deeper path", Same("U"),
       target([](const std::string& path) { return path + "/deeper"; })},
      {"a mistyped name", Same("U"), target([](const std::string& path) { return path + "x"; })},
      {"a name in escapes", Same("U"),
       target([](const std::string&) { return "/callbacks/%6Fnfido"; })},
      {"a name that is no UTF-8", Same("U"),
       target([](const std::string&) { return "/callbacks/caf\xE9"; })},
      {"a name in odd characters", Same("U"),
       target([](const std::string&) { return "/callbacks/{id}|\"<x>^`\\"; })},
      {"a fragment", Same("A"), target([](const std::string& path) { return path + "#x"; })},
      {"a path that climbs", Same("U"),
       target([](const std::string&) { return "/callbacks/../admin"; })},
  };
}

}  // namespace ingest
