#include "tests/system/ingest/answer_table.h"

#include <algorithm>

namespace ingest {

std::string SecretOf(std::string_view provider) {
  return std::string(provider) + "-" + std::string(kNeedle);
}

const std::vector<Sender>& Senders() {
  static const std::vector<Sender> senders = {
      {"onfido", "onfido", "/callbacks/onfido", SecretOf("onfido"), kOnfido},
      {"eid", "eid", "/callbacks/eid", SecretOf("eid"), kEid},
      {"eid's alias", "eid", "/callbacks/signicatvideoid", SecretOf("eid"), kEid},
      {"readid", "readid", "/callbacks/readid", SecretOf("readid"), kReadId},
      {"paper", "paper", "/callbacks/paper", SecretOf("paper"), kOneShot},
      {"paper's alias", "paper", "/callbacks/signicatpaper", SecretOf("paper"), kOneShot},
      {"connect", "connect", "/callbacks/connect", SecretOf("connect"), kOneShot},
      {"webid", "webid", "/callbacks/webid", SecretOf("webid"), kOneShot},
      {"pictureid", "pictureid", "/callbacks/pictureid", SecretOf("pictureid"), kOneShot},
      {"pictureid's alias", "pictureid", "/callbacks/signicatpictureid", SecretOf("pictureid"),
       kOneShot},
      {"unknown", "nobody", "/callbacks/nobody", SecretOf("unknown"), kUnknown},
      {"unknown, with ReadID's secret", "reidad", "/callbacks/reidad", SecretOf("readid"),
       kUnknown},
  };
  return senders;
}

std::string Render(const Asking& asking, const Head& head) {
  const std::string authorization = head.authorization.value_or(asking.sender.secret);
  std::string text = head.method + " " + head.target.value_or(asking.sender.path) + " " +
                     head.version + "\r\nHost: ingest\r\n";
  if (!authorization.empty()) text += "Authorization: " + authorization + "\r\n";
  text += "traceparent: " + asking.traceparent + "\r\n";
  text += "X-Note: " + std::string(kNeedle) + "\r\n";
  return text + head.fields + "\r\n";
}

std::string Post(const Asking& asking, const Head& head) {
  Head with_length = head;
  with_length.fields += "Content-Length: " + std::to_string(asking.body.size()) + "\r\n";
  return Render(asking, with_length) + asking.body;
}

std::string PostChunked(const Asking& asking, std::size_t size, const std::string& extension,
                        const std::string& trailers) {
  std::string request = Render(asking, {.fields = "Transfer-Encoding: chunked\r\n"});
  constexpr char kDigits[] = "0123456789abcdef";
  for (std::string_view rest = asking.body; !rest.empty();) {
    const std::string_view chunk = rest.substr(0, size);
    std::string digits;
    for (std::size_t left = chunk.size(); left > 0; left /= 16) digits += kDigits[left % 16];
    std::reverse(digits.begin(), digits.end());
    request += digits + extension + "\r\n";
    request.append(chunk).append("\r\n");
    rest.remove_prefix(chunk.size());
  }
  return request + "0" + extension + "\r\n" + trailers + "\r\n";
}

}  // namespace ingest
