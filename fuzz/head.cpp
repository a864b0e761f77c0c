// What a stranger sends to the workbench's server: the input is everything that comes on one connection. Whatever it is,
// it has one answer at most, tells nothing of the case, and the server goes on.
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "cotejo/casefile/casefile.hpp"
#include "cotejo/server/server.hpp"
#include "fuzz.hpp"

namespace {

using namespace cotejo;

// Its case is made once; each input has a server of its own, which has ended before the program's own tables do.
struct Served {
  Served() {
    static const auto path = [] {
      const auto made = fuzz::folder().path() / "small.cotejo";
      auto file = CaseFile::open(made, CaseFile::Mode::create);
      fuzz::require(static_cast<bool>(file), "the small case can be made");
      Count count;
      count.id = CountId{"x/secret"};
      count.contest = {ContestId{"x"}, "x", {{OptionId{"A"}, "A"}, {OptionId{"B"}, "B"}}};
      count.unit_keys.push_back("1");
      count.votes = {1, 2};
      count.sha256 = count.content_hash();
      fuzz::require(static_cast<bool>(file->transact(
                        "fuzz",
                        [&]() -> Result<void> {
                          COTEJO_CHECK(file->add_count(count, Rule::plurality(), {"a.csv", "00", 1, "", ""}));
                          return {};
                        })),
                    "the small case can be filled");
      return made;
    }();
    server::ServeOptions options{.case_path = path, .read_only = true};
    options.limits.workers = 0;
    options.limits.refusals_per_second = 1'000'000;
    auto started = server::Workbench::start(options);
    fuzz::require(static_cast<bool>(started), "the small case can be served");
    workbench = std::move(*started);
  }
  std::unique_ptr<server::Workbench> workbench;
};

// What comes back when nothing more is sent.
std::string answer_to(int port, std::string_view request) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(port));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval patience{5, 0};
  setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  fuzz::require(connect(socket, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0, "the server listens");
  ::send(socket, request.data(), request.size(), MSG_NOSIGNAL);
  ::shutdown(socket, SHUT_WR);
  std::string out;
  char buffer[4096];
  for (ssize_t n = 0; (n = recv(socket, buffer, sizeof buffer, 0)) > 0;)
    out.append(buffer, static_cast<std::size_t>(n));
  ::close(socket);
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 100'000) return 0;
  const Served served;
  const auto answer = answer_to(served.workbench->port(), cotejo::fuzz::text_of(data, size));
  std::size_t answers = 0;
  for (auto at = answer.find("HTTP/1.1 "); at != std::string::npos; at = answer.find("HTTP/1.1 ", at + 1)) ++answers;
  cotejo::fuzz::require(answers <= 1, "one connection of a stranger's has one answer at most");
  cotejo::fuzz::require(answer.find("x/secret") == std::string::npos, "nothing of the case is told");
  cotejo::fuzz::require(!answer.starts_with("HTTP/1.1 500"), "what a client sends is not our own fault");
  return 0;
}
