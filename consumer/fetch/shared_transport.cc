#include "consumer/fetch/shared_transport.h"

#include <utility>

namespace consumer {

class SharedTransport::Part final : public HttpTransport {
 public:
  Part(SharedTransport& shared, AccountIndex account) : shared_(shared), account_(account) {}

  void Start(HttpRequest request) override {
    request.id = Outside(request.id);
    request.account = account_;
    shared_.transport_.Start(std::move(request));
  }
  void Cancel(std::uint64_t id) override {
    std::erase_if(replies_, [id](const HttpReply& reply) { return reply.id == id; });
    shared_.transport_.Cancel(Outside(id));
  }
  void CloseConnection(std::uint64_t connection) override {
    shared_.transport_.CloseConnection(connection);
  }
  std::vector<HttpReply> Collect() override {
    shared_.Distribute();
    return std::exchange(replies_, {});
  }

  void Take(HttpReply reply) {
    reply.id /= shared_.parts_.size();
    replies_.push_back(std::move(reply));
  }

 private:
  [[nodiscard]] std::uint64_t Outside(std::uint64_t id) const {
    return id * shared_.parts_.size() + account_;
  }

  SharedTransport& shared_;
  AccountIndex account_;
  std::vector<HttpReply> replies_;
};

SharedTransport::SharedTransport(HttpTransport& transport, std::size_t accounts)
    : transport_(transport) {
  for (AccountIndex account = 0; account < accounts; ++account) {
    parts_.push_back(std::make_unique<Part>(*this, account));
  }
}

SharedTransport::~SharedTransport() = default;

HttpTransport& SharedTransport::Of(AccountIndex account) { return *parts_.at(account); }

void SharedTransport::Distribute() {
  for (HttpReply& reply : transport_.Collect()) {
    Part& part = *parts_[reply.id % parts_.size()];
    part.Take(std::move(reply));
  }
}

}  // namespace consumer
