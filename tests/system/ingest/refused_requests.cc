#include "tests/system/ingest/answer_table.h"

namespace ingest {
namespace {

using Ask = std::function<std::string(const Asking&)>;

constexpr Expected kWrongMethod = {"405 Allow: POST", "405 Allow: POST", "403", "405 Allow: POST",
                                   "403"};
constexpr Expected kWrongMethodAndClose = {"405 Allow: POST close", "405 Allow: POST close",
                                           "403 close", "405 Allow: POST close", "403 close"};

Ask Authorized(const std::function<std::string(const std::string& secret)>& value) {
  return [value](const Asking& asking) {
    return Post(asking, {.authorization = value(asking.sender.secret)});
  };
}

Ask With(const Head& head) {
  return [head](const Asking& asking) { return Post(asking, head); };
}

/// A head without a body.
Ask Only(const Head& head) {
  return [head](const Asking& asking) { return Render(asking, head); };
}

std::vector<RequestVariant> ByAuthorization() {
  return {
      {"no Authorization", Same("401"), With({.authorization = ""})},
      {"an empty Authorization", Same("401"),
       With({.authorization = "", .fields = "Authorization:\r\n"})},
      {"a wrong Authorization", Same("401"),
       With({.authorization = "wrong-" + std::string(kNeedle)})},
      {"the beginning of the right one", Same("401"),
       Authorized([](const std::string& secret) { return secret.substr(0, secret.size() - 1); })},
      {"more than the right one", Same("401"),
       Authorized([](const std::string& secret) { return secret + "x"; })},
      {"the right one in other case", Same("401"),
       Authorized([](const std::string& secret) { return "Z" + secret.substr(1); })},
      {"the right one after a scheme", Same("401"),
       Authorized([](const std::string& secret) { return "Bearer " + secret; })},
      {"the right one twice", Same("401"),
       [](const Asking& asking) {
         return Post(asking, {.fields = "Authorization: " + asking.sender.secret + "\r\n"});
       }},
      {"the right one and a wrong one", Same("401"), With({.fields = "authorization: x\r\n"})},
      {"the right one within white space", Same("A"),
       Authorized([](const std::string& secret) { return " \t" + secret + " \t"; })},
      // The row `unknown` accepts every provider's secret, because a URL may be mistyped.
      {"another provider's",
       {"401", "401", "401", "401", "A"},
       [](const Asking& asking) {
         const bool is_connect = std::string_view(asking.sender.provider) == "connect";
         return Post(asking, {.authorization = SecretOf(is_connect ? "paper" : "connect")});
       }},
      {"that of unknown",
       {"401", "401", "401", "401", "A"},
       With({.authorization = SecretOf("unknown")})},
      {"none, on a deeper path", Same("401"),
       [](const Asking& asking) {
         return Post(asking,
                     {.target = asking.sender.path + std::string("/deeper"), .authorization = ""});
       }},
      {"none, without a name", Same("401"), With({.target = "/callbacks/", .authorization = ""})},
      {"none, in chunks", Same("401"),
       [](const Asking& asking) {
         return Render(asking, {.authorization = "", .fields = "Transfer-Encoding: chunked\r\n"}) +
                "2\r\n{}\r\n0\r\n\r\n";
       }},
      // The server reads nothing more from an unauthorized sender.
      {"none, and a body over the limit to come", Same("401 close"),
       Only({.authorization = "", .fields = "Content-Length: 99999999\r\n"})},
      {"none, and Expect: 100-continue", Same("401 close"),
       Only({.authorization = "", .fields = "Expect: 100-continue\r\nContent-Length: 2\r\n"})},
  };
}

std::vector<RequestVariant> ByMethod() {
  std::vector<RequestVariant> variants;
  for (const char* method : {"GET", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "post", "M-!"}) {
    variants.push_back({method, kWrongMethod, Only({.method = method})});
  }
  variants.push_back({"HEAD", kWrongMethod, Only({.method = "HEAD"}), Delivery::kAtOnce,
                      std::nullopt,
                      /*is_head_only=*/true});
  variants.push_back(
      {"GET without authorization", kWrongMethod, Only({.method = "GET", .authorization = ""})});
  variants.push_back({"PUT of a callback", kWrongMethod, With({.method = "PUT"})});
  variants.push_back({"PUT of too much", kWrongMethodAndClose,
                      Only({.method = "PUT", .fields = "Content-Length: 99999999\r\n"})});
  variants.push_back({"GET of a deeper path", Same("403"),
                      Only({.method = "GET", .target = "/callbacks/onfido/deeper"})});
  variants.push_back(
      {"GET without a name", Same("403"), Only({.method = "GET", .target = "/callbacks"})});
  return variants;
}

std::vector<RequestVariant> BySize() {
  const auto declared = [](const char* length) {
    return Only({.fields = std::string("Content-Length: ") + length + "\r\n"});
  };
  const std::string too_large(kMaxBody + 1, 'x');
  const auto chunked = [](const Asking& asking) { return PostChunked(asking, 600); };
  return {
      {"a body of one byte too much", Same("413 close"), With({}), Delivery::kAtOnce, too_large},
      {"the same in chunks", Same("413 close"), chunked, Delivery::kAtOnce, too_large},
      {"a declared length far too large", Same("413 close"), declared("1000000000000")},
      {"a declared length beyond 64 bits", Same("413 close"),
       declared("99999999999999999999999999")},
      {"a declared chunk far too large", Same("413 close"),
       [](const Asking& asking) {
         return Render(asking, {.fields = "Transfer-Encoding: chunked\r\n"}) +
                "fffffffffffffff\r\n";
       }},
      {"too large, and Expect: 100-continue", Same("413 close"),
       Only({.fields = "Expect: 100-continue\r\nContent-Length: 2049\r\n"})},
      {"neither length nor chunks", Same("411 close"), Only({})},
      {"neither, in HTTP/1.0", Same("411 close"), Only({.version = "HTTP/1.0"})},
      // Every head that is too large gets 431, also because of its target: never 414.
      {"a long target", Same("431 close"),
       [](const Asking& asking) {
         return Post(asking, {.target = asking.sender.path + std::string("?") +
                                        std::string(kMaxHead, 'x')});
       }},
      {"a large field", Same("431 close"),
       With({.fields = "X-Large: " + std::string(kMaxHead, 'x') + "\r\n"})},
      {"a field that does not end", Same("431 close"),
       [](const Asking& asking) {
         return "POST " + std::string(asking.sender.path) +
                " HTTP/1.1\r\nX: " + std::string(kMaxHead, 'x');
       }},
      {"many fields", Same("431 close"),
       [](const Asking& asking) {
         std::string fields;
         for (int i = 0; i < 500; ++i) fields += "X-Y: z\r\n";
         return Post(asking, {.fields = fields});
       }},
      {"a large chunk extension", Same("431 close"),
       [](const Asking& asking) {
         return PostChunked(asking, 50, ";x=" + std::string(kMaxHead, 'x'));
       }},
      {"large trailers", Same("431 close"),
       [](const Asking& asking) {
         return PostChunked(asking, 50, "", "X-Trailer: " + std::string(kMaxHead, 'x') + "\r\n");
       }},
  };
}

}  // namespace

std::vector<RequestVariant> RefusedRequests() {
  std::vector<RequestVariant> variants = ByAuthorization();
  for (const auto& more : {ByMethod(), BySize()})
    variants.insert(variants.end(), more.begin(), more.end());
  return variants;
}

std::vector<RequestVariant> SlowRequests() {
  const Ask half_a_head = [](const Asking& asking) {
    return "POST " + std::string(asking.sender.path) + " HTTP/1.1\r\nHost: ingest\r\nX: ";
  };
  const Ask half_a_body = [](const Asking& asking) {
    const std::string whole = Post(asking);
    return whole.substr(0, whole.size() - 3);
  };
  const Ask half_the_chunks = [](const Asking& asking) {
    const std::string whole = PostChunked(asking);
    return whole.substr(0, whole.size() - 8);
  };
  const Ask nothing = [](const Asking&) { return std::string(); };
  return {
      {"nothing at all", Same("nothing"), nothing, Delivery::kThenSilence},
      {"half a head", Same("408 close"), half_a_head, Delivery::kThenSilence},
      {"a head that trickles", Same("408 close"), half_a_head, Delivery::kThenTrickle},
      {"half a body", Same("408 close"), half_a_body, Delivery::kThenSilence},
      {"a body that trickles", Same("408 close"), Only({.fields = "Content-Length: 2000\r\n"}),
       Delivery::kThenTrickle},
      {"half the chunks", Same("408 close"), half_the_chunks, Delivery::kThenSilence},
      {"a promised body that does not come", Same("100, 408 close"),
       Only({.fields = "Expect: 100-continue\r\nContent-Length: 9\r\n"}), Delivery::kThenSilence},
      {"a head cut off", Same("408 close"), half_a_head, Delivery::kThenEnd},
      {"a body cut off", Same("408 close"), half_a_body, Delivery::kThenEnd},
      {"chunks cut off", Same("408 close"), half_the_chunks, Delivery::kThenEnd},
  };
}

std::vector<RequestVariant> MalformedRequests() {
  std::vector<RequestVariant> variants;
  const auto add = [&](const char* name, const Ask& ask) {
    variants.push_back({name, Same("400 close"), ask});
  };
  const auto add_fields = [&](const char* name, const std::string& fields) {
    add(name, [fields](const Asking& asking) {
      return Render(asking, {.fields = fields}) + "2\r\n{}\r\n0\r\n\r\n";
    });
  };
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  add_fields("a length and chunks", "Content-Length: 2\r\n" + chunked);
  add_fields("chunks and a length", chunked + "Content-Length: 2\r\n");
  add_fields("two lengths", "Content-Length: 2\r\nContent-Length: 3\r\n");
  add_fields("the same length twice", "Content-Length: 2\r\nContent-Length: 2\r\n");
  add_fields("a list of lengths", "Content-Length: 2, 2\r\n");
  add_fields("a length in words", "Content-Length: two\r\n");
  add_fields("a length with a sign", "Content-Length: +2\r\n");
  add_fields("a negative length", "Content-Length: -2\r\n");
  add_fields("a hexadecimal length", "Content-Length: 0x2\r\n");
  add_fields("an empty length", "Content-Length:\r\n");
  add_fields("a coding that is not supported", "Transfer-Encoding: gzip\r\n");
  add_fields("two codings", "Transfer-Encoding: gzip, chunked\r\n");
  add_fields("chunked twice", chunked + chunked);
  add_fields("an identity coding", "Transfer-Encoding: identity\r\n");
  add_fields("white space before a colon", "Content-Length : 2\r\n");
  add_fields("a folded field", "X: a\r\n b\r\nContent-Length: 2\r\n");
  add_fields("a field without a colon", "Content-Length\r\n");
  add_fields("a field without a name", ": 2\r\nContent-Length: 2\r\n");
  add_fields("a NUL in a field", std::string("X: a\0b\r\nContent-Length: 2\r\n", 27));
  add_fields("a bare LF after a field", "Content-Length: 2\n");
  add_fields("a bare CR in a field", "X: a\rContent-Length: 2\r\n");
  add_fields("two hosts", "Host: b\r\nContent-Length: 2\r\n");
  const auto add_start = [&](const char* name, const std::string& start) {
    add(name, [start](const Asking& asking) {
      std::string request = Post(asking);
      return start + request.substr(request.find("Host:"));
    });
  };
  add_start("a request line with bare LF", "POST /callbacks/onfido HTTP/1.1\n");
  add_start("HTTP/2.0", "POST /callbacks/onfido HTTP/2.0\r\n");
  add_start("HTTP/1.10", "POST /callbacks/onfido HTTP/1.10\r\n");
  add_start("HTTP/1", "POST /callbacks/onfido HTTP/1\r\n");
  add_start("http/1.1", "POST /callbacks/onfido http/1.1\r\n");
  add_start("no version", "POST /callbacks/onfido\r\n");
  add_start("no target", "POST HTTP/1.1\r\n");
  add_start("a space in the target", "POST /callbacks/onfido\t HTTP/1.1\r\n");
  add_start("a method that is no token", "PO(ST /callbacks/onfido HTTP/1.1\r\n");
  add_start("a TLS hello", std::string("\x16\x03\x01\x02\x00\x01\r\n", 8));
  add("no host", [](const Asking& asking) {
    std::string request = Post(asking);
    return request.erase(request.find("Host: ingest\r\n"), 14);
  });
  const auto add_chunks = [&](const char* name, const std::string& chunks,
                              const std::string& version = "HTTP/1.1") {
    add(name, [=](const Asking& asking) {
      return Render(asking, {.version = version, .fields = chunked}) + chunks;
    });
  };
  add_chunks("chunks in HTTP/1.0", "2\r\n{}\r\n0\r\n\r\n", "HTTP/1.0");
  add_chunks("a chunk size that is none", "zz\r\n{}\r\n0\r\n\r\n");
  add_chunks("an empty chunk size", "\r\n{}\r\n0\r\n\r\n");
  add_chunks("a negative chunk size", "-2\r\n{}\r\n0\r\n\r\n");
  add_chunks("a chunk size of 17 digits", "00000000000000002\r\n{}\r\n0\r\n\r\n");
  add_chunks("more than a chunk's size", "2\r\n{}x\r\n0\r\n\r\n");
  add_chunks("a chunk with bare LF", "2\n{}\n0\n\n");
  add_chunks("white space behind a chunk size", "2 \r\n{}\r\n0\r\n\r\n");
  add_chunks("white space before a chunk size", " 2\r\n{}\r\n0\r\n\r\n");
  add_chunks("a chunk size in 0x", "0x2\r\n{}\r\n0\r\n\r\n");
  add_chunks("a bare LF in an extension", "2;a\n{}\r\n0\r\n\r\n");
  add_chunks("a bare CR in an extension", "2;a\rb\r\n{}\r\n0\r\n\r\n");
  add_chunks("a bare LF after a chunk", "2\r\n{}\n0\r\n\r\n");
  add_chunks("a trailer without a colon", "2\r\n{}\r\n0\r\nGET / HTTP/1.1\r\n\r\n");
  add_chunks("a trailer without a name", "2\r\n{}\r\n0\r\n: a\r\n\r\n");
  add_chunks("a folded trailer", "2\r\n{}\r\n0\r\nX: a\r\n b\r\n\r\n");
  add_chunks("a bare LF behind a trailer", "2\r\n{}\r\n0\r\nX: a\n\r\n");
  add_chunks("an extension with a NUL", std::string("2;a\0\r\n{}\r\n0\r\n\r\n", 15));
  return variants;
}

std::vector<RequestVariant> RequestsOutsideThePrefix() {
  std::vector<RequestVariant> variants;
  for (const char* target : {"/", "/callback", "/callbacksonfido", "/Callbacks/onfido", "/metrics",
                             "//elsewhere/onfido", "/wp-login.php", "*"}) {
    variants.push_back({target, Same("404"), With({.target = target})});
    variants.push_back({target, Same("404"), Only({.method = "GET", .target = target})});
    variants.push_back({target, Same("404"), With({.target = target, .authorization = ""})});
  }
  return variants;
}

}  // namespace ingest
