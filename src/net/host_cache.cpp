#include "net/host_cache.h"

#include <boost/asio/post.hpp>

#include <map>
#include <mutex>
#include <optional>

namespace carevoice::net {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr std::chrono::seconds fresh_for{60};
constexpr std::chrono::seconds patience_with_old_answer{1};
constexpr std::size_t names_max = 1'000;

struct Name {
    std::vector<asio::ip::address> addresses;
    SteadyTime known_at = SteadyTime::min();
    bool is_looking = false;
    std::string failure;
    std::vector<std::shared_ptr<asio::steady_timer>> waiters;
};

Endpoints with_port(const std::vector<asio::ip::address>& addresses, std::uint16_t port) {
    Endpoints endpoints;
    endpoints.reserve(addresses.size());
    for (const auto& address : addresses) endpoints.emplace_back(address, port);
    return endpoints;
}

}  // namespace

struct HostCache::State : std::enable_shared_from_this<State> {
    explicit State(const async::Executor& executor) : resolver(executor) {}

    /// With `mutex` held.
    void look_up(const std::string& host, Name& name) {
        name.is_looking = true;
        resolver.async_resolve(host, "",
                               [self = shared_from_this(), host](const boost::system::error_code& failure,
                                                                 const tcp::resolver::results_type& results) {
                                   self->found(host, failure, results);
                               });
    }

    void found(const std::string& host, const boost::system::error_code& failure,
               const tcp::resolver::results_type& results) {
        std::vector<std::shared_ptr<asio::steady_timer>> wake;
        {
            const std::lock_guard lock(mutex);
            auto& name = names[host];
            name.is_looking = false;
            name.failure = failure ? failure.message() : std::string();
            if (!failure) {
                name.addresses.clear();
                for (const auto& result : results) name.addresses.push_back(result.endpoint().address());
                name.known_at = std::chrono::steady_clock::now();
            }
            wake.swap(name.waiters);
        }
        for (const auto& timer : wake) asio::post(timer->get_executor(), [timer] { timer->cancel(); });
    }

    /// The addresses, or the timer to wait with until a lookup has ended.
    std::shared_ptr<asio::steady_timer> begin_to_wait(const std::string& host, const async::Executor& executor,
                                                      std::optional<std::vector<asio::ip::address>>& addresses) {
        const std::lock_guard lock(mutex);
        if (names.size() > names_max) forget_quiet_names();
        auto& name = names[host];
        const auto now = std::chrono::steady_clock::now();
        if (!name.addresses.empty() && now - name.known_at < fresh_for) {
            addresses = name.addresses;
            return nullptr;
        }
        if (!name.is_looking) look_up(host, name);
        const auto until = name.addresses.empty() ? SteadyTime::max() : now + patience_with_old_answer;
        return name.waiters.emplace_back(std::make_shared<asio::steady_timer>(executor, until));
    }

    void forget_quiet_names() {
        std::erase_if(names, [](const auto& entry) { return !entry.second.is_looking; });
    }

    Result<std::vector<asio::ip::address>> addresses_after_wait(const std::string& host) {
        const std::lock_guard lock(mutex);
        const auto& name = names[host];
        if (!name.addresses.empty()) return name.addresses;
        return Error{Errc::unavailable, "cannot resolve " + host + ": " + name.failure};
    }

    void stop_waiting(const std::string& host, const std::shared_ptr<asio::steady_timer>& timer) {
        const std::lock_guard lock(mutex);
        std::erase(names[host].waiters, timer);
    }

    std::mutex mutex;
    tcp::resolver resolver;  // under the mutex
    std::map<std::string, Name> names;
};

HostCache::HostCache(const async::Executor& executor) : state_(std::make_shared<State>(executor)) {}

async::Task<Result<Endpoints>> HostCache::resolve(std::string host, std::uint16_t port) {
    boost::system::error_code not_an_address;
    const auto address = asio::ip::make_address(host, not_an_address);
    if (!not_an_address) co_return Endpoints{tcp::endpoint(address, port)};

    const auto state = state_;
    std::optional<std::vector<asio::ip::address>> known;
    const auto executor = co_await asio::this_coro::executor;
    const auto timer = state->begin_to_wait(host, executor, known);
    if (known) co_return with_port(*known, port);
    co_await timer->async_wait(asio::as_tuple(asio::use_awaitable));
    state->stop_waiting(host, timer);
    auto addresses = state->addresses_after_wait(host);
    if (addresses.has_error()) co_return addresses.error();
    co_return with_port(*addresses, port);
}

}  // namespace carevoice::net
