#include "consumer/http/curl_transfer.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <new>
#include <utility>

#include "consumer/http/content_coding.h"
#include "consumer/http/curl_fault.h"
#include "consumer/http/curl_transport.h"
#include "consumer/http/origin.h"

namespace consumer {
namespace {

constexpr std::size_t kMaxHead = 256UL * 1024;

}  // namespace

CurlTransfer::CurlTransfer(AnswerBudget& budget, SocketTable& sockets)
    : budget_(budget), sockets_(sockets), easy_(curl_easy_init()) {
  if (!easy_) throw std::bad_alloc();
}

void CurlTransfer::Prepare(HttpRequest request, const CurlSettings& settings) {
  request_body_ = std::move(request.body);
  origin_ = OriginOf(request.url);
  timeout_ = request.timeout;
  max_response_ = request.max_response;
  head_size_ = 0;
  is_head_too_large_ = false;
  has_no_room_ = false;
  has_found_surplus_ = false;
  is_uncoded_ = false;
  connection_ = 0;
  started_ = std::chrono::steady_clock::now();
  reply_ = HttpReply();
  reply_.id = request.id;
  reply_.account = request.account;
  error_[0] = '\0';

  fields_.reset();
  for (const auto& [name, value] : request.fields) {
    AddField(std::string(name).append(": ").append(value));
  }

  CURL* easy = easy_.get();
  curl_easy_reset(easy);
  curl_easy_setopt(easy, CURLOPT_PRIVATE, this);
  curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, fields_.get());
  if (request.method == "POST") {
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request_body_.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request_body_.data());
  }
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "sluice/" SLUICE_VERSION);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(settings.connect_timeout.count()));
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, &CurlTransfer::Connecting);
  curl_easy_setopt(easy, CURLOPT_SOCKOPTDATA, this);
  // Otherwise the end of a request, and the lane with it, waits for a resolver that does not
  // answer.
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
  sockets_.AttachTo(easy);
  curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, &CurlTransfer::AboutToSend);
  curl_easy_setopt(easy, CURLOPT_PREREQDATA, this);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error_.data());
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &CurlTransfer::ReceiveHead);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &CurlTransfer::Write);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");  // All codings that libcurl can decode.
  // Refuses a declared length over the bound. The margin is for compressed bodies larger than the
  // original.
  curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE,
                   static_cast<curl_off_t>(max_response_ + max_response_ / 64 + 1024));

  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);  // The token is for this host alone.
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  const std::string& ca_file = settings.CaFileOf(request.account);
  if (!ca_file.empty()) {
    curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file.c_str());
    // Otherwise libcurl also trusts the system's certificates.
    curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
  }
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
}

void CurlTransfer::UseConnections(bool must_be_new, std::chrono::seconds max_age) {
  curl_easy_setopt(easy_.get(), CURLOPT_FRESH_CONNECT, must_be_new ? 1L : 0L);
  curl_easy_setopt(easy_.get(), CURLOPT_MAXLIFETIME_CONN, static_cast<long>(max_age.count()));
}

CurlTransfer::Repetition CurlTransfer::NeededRepetition(CURLcode code) const {
  if (code == CURLE_ABORTED_BY_CALLBACK && has_found_surplus_) return Repetition::kFresh;
  const bool is_unknown_coding = code == CURLE_BAD_CONTENT_ENCODING && !is_uncoded_;
  if (is_unknown_coding && NamesNoCoding(Field("Content-Encoding").value_or("gzip"))) {
    return Repetition::kUncoded;
  }
  return Repetition::kNone;
}

void CurlTransfer::Repeat(Repetition repetition) {
  Abandon();
  head_size_ = 0;
  has_found_surplus_ = false;
  error_[0] = '\0';
  CURL* easy = easy_.get();
  const auto elapsed = std::chrono::steady_clock::now() - started_;
  const auto left = timeout_ - std::chrono::floor<std::chrono::milliseconds>(elapsed);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, std::max(1L, static_cast<long>(left.count())));
  if (repetition == Repetition::kFresh) curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
  if (repetition == Repetition::kUncoded) AskUncoded();
}

void CurlTransfer::AskUncoded() {
  is_uncoded_ = true;
  AddField("Accept-Encoding: identity");
  curl_easy_setopt(easy_.get(), CURLOPT_HTTPHEADER, fields_.get());
  curl_easy_setopt(easy_.get(), CURLOPT_ACCEPT_ENCODING, nullptr);
  curl_easy_setopt(easy_.get(), CURLOPT_HTTP_CONTENT_DECODING, 0L);
}

HttpReply CurlTransfer::Conclude(CURLcode code) {
  reply_.fault = FaultOf(code);
  if (has_no_room_) reply_.fault = TransportFault::kNoRoom;
  if (is_head_too_large_) reply_.fault = TransportFault::kBroken;
  reply_.elapsed = std::chrono::steady_clock::now() - started_;
  long status = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  reply_.status = static_cast<int>(status);
  long version = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_HTTP_VERSION, &version);
  sockets_.Answered(connection_,
                    version == CURL_HTTP_VERSION_1_0 || version == CURL_HTTP_VERSION_1_1);
  reply_.connection = connection_;
  reply_.content_type = Field("Content-Type").value_or("");
  reply_.retry_after = Field("Retry-After");
  reply_.date = Field("Date");
  const bool is_coded_after_all =
      is_uncoded_ && !NamesNoCoding(Field("Content-Encoding").value_or(""));
  if (code == CURLE_OK && is_coded_after_all) reply_.fault = TransportFault::kBroken;
  if (reply_.fault != TransportFault::kNone) {
    Abandon();
    const char* const why = code == CURLE_OK
                                ? "the answer has a content coding that was not requested"
                            : error_[0] != '\0' ? error_.data()
                                                : curl_easy_strerror(code);
    reply_.error = why;
  }
  return std::move(reply_);
}

std::optional<std::string> CurlTransfer::Field(const char* name) const {
  curl_header* field = nullptr;
  const bool is_there =
      curl_easy_header(easy_.get(), name, 0, CURLH_HEADER, -1, &field) == CURLHE_OK;
  return is_there ? std::optional<std::string>(field->value) : std::nullopt;
}

void CurlTransfer::Abandon() {
  budget_.Return(reply_.body.size());
  reply_.body = std::string();
}

/// Counts interim answers and trailers too, of which libcurl would keep any number.
std::size_t CurlTransfer::ReceiveHead(char* /*bytes*/, std::size_t /*one*/, std::size_t size,
                                      void* self) noexcept {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  transfer.head_size_ += size;
  transfer.is_head_too_large_ = transfer.head_size_ > kMaxHead;
  return transfer.is_head_too_large_ ? 0 : size;
}

/// Accepts less than offered to end a body over a bound.
std::size_t CurlTransfer::Write(char* bytes, std::size_t /*one*/, std::size_t size,
                                void* self) noexcept {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  std::string& body = transfer.reply_.body;
  if (size > transfer.max_response_ - body.size()) return 0;
  transfer.has_no_room_ = !transfer.budget_.Reserve(size);
  if (transfer.has_no_room_) return 0;
  body.append(bytes, size);
  return size;
}

/// Detects a vanished peer within a request's timeout. Otherwise every request on the connection
/// would time out until the system gives it up, a quarter of an hour later.
int CurlTransfer::Connecting(void* self, curl_socket_t socket, curlsocktype /*purpose*/) noexcept {
  const auto timeout = static_cast<unsigned>(static_cast<CurlTransfer*>(self)->timeout_.count());
  setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout, sizeof timeout);
  return CURL_SOCKOPT_OK;
}

/// A reused connection must hold no unread bytes before its next request: they would be taken for
/// the answer.
int CurlTransfer::AboutToSend(void* self, char* remote, char* /*local*/, int remote_port,
                              int local_port) noexcept {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  transfer.connection_ =
      transfer.sockets_.Find({.peer = remote, .peer_port = remote_port, .local_port = local_port});
  transfer.has_found_surplus_ = transfer.sockets_.HasSurplus(transfer.connection_);
  return transfer.has_found_surplus_ ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

void CurlTransfer::AddField(const std::string& line) {
  curl_slist* longer = curl_slist_append(fields_.get(), line.c_str());
  if (longer == nullptr) throw std::bad_alloc();
  (void)fields_.release();  // `longer` starts with it now.
  fields_.reset(longer);
}

}  // namespace consumer
