#include "storage/sql/connections.h"

#include <exception>

namespace carevoice::storage::sql {

namespace {

constexpr milliseconds pause_between_connects{500};
/// Deadlocks resolve themselves when one of the two starts over; more than these in a row are something else.
constexpr int attempts_max = 8;

Error unavailable(std::string detail) {
    return {.code = Errc::unavailable, .detail = std::move(detail)};
}

}  // namespace

/// A connection of the pool for the time of one transaction.
class Connections::Lease {
public:
    explicit Lease(Connections& connections) : connections_(connections) {
        waits(+1);
        held_ = connections_.pool_.try_lease(position_, static_cast<int>(connections_.options_.patience.count()));
        waits(-1);
        if (held_) uses(+1);
        until_ = std::chrono::steady_clock::now() + connections_.options_.patience;
    }
    ~Lease() {
        if (!held_) return;
        watch_.reset();
        connections_.pool_.give_back(position_);
        uses(-1);
    }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;

    [[nodiscard]] bool held() const noexcept { return held_; }
    [[nodiscard]] soci::session& session() { return connections_.pool_.at(position_); }
    [[nodiscard]] char& lost() { return connections_.lost_[position_]; }
    [[nodiscard]] bool is_late() const { return std::chrono::steady_clock::now() >= until_; }

    /// From here on the connection's socket is closed when the lease lasts for too long.
    void watch() {
        const int socket = connections_.dialect_->socket_of(session());
        if (connections_.watchdog_ && socket >= 0) watch_.emplace(*connections_.watchdog_, socket, until_);
    }
    /// To be called before anybody else closes that socket.
    void unwatch() { watch_.reset(); }

private:
    void waits(int change) { connections_.metrics_.set("carevoice_database_waiting", connections_.waiting_ += change); }
    void uses(int change) {
        connections_.metrics_.set("carevoice_database_connections_in_use", connections_.in_use_ += change);
    }

    Connections& connections_;
    std::size_t position_ = 0;
    bool held_ = false;
    SteadyTime until_;
    std::optional<Watchdog::Watch> watch_;
};

/// The right to write, for the time of one transaction.
class Connections::WriteTurn {
public:
    explicit WriteTurn(Connections& connections) : connections_(connections) {
        std::unique_lock lock(connections_.turn_mutex_);
        held_ = connections_.turn_is_free_.wait_for(lock, connections_.options_.patience,
                                                    [this] { return !connections_.someone_writes_; });
        if (held_) connections_.someone_writes_ = true;
    }
    ~WriteTurn() {
        if (!held_) return;
        const std::lock_guard lock(connections_.turn_mutex_);
        connections_.someone_writes_ = false;
        connections_.turn_is_free_.notify_one();
    }
    WriteTurn(const WriteTurn&) = delete;
    WriteTurn& operator=(const WriteTurn&) = delete;

    [[nodiscard]] bool held() const noexcept { return held_; }

private:
    Connections& connections_;
    bool held_ = false;
};

Connections::Connections(std::unique_ptr<const Dialect> dialect, PoolOptions options, Metrics& metrics)
    : dialect_(std::move(dialect)),
      options_(options),
      metrics_(metrics),
      pool_(options.connections),
      lost_(options.connections, 0) {}

Result<std::unique_ptr<Connections>> Connections::open(std::unique_ptr<const Dialect> dialect, PoolOptions options,
                                                       Metrics& metrics) {
    std::unique_ptr<Connections> connections(new Connections(std::move(dialect), options, metrics));
    const Dialect& opener = *connections->dialect_;
    for (std::size_t i = 0; i < options.connections; ++i) {
        soci::session& session = connections->pool_.at(i);
        const Result<> opened = connections->guarded([&] { return opener.open(session); });
        if (!opened) return opened.error();
    }
    if (opener.socket_of(connections->pool_.at(0)) >= 0) connections->watchdog_ = std::make_unique<Watchdog>();
    return connections;
}

Result<> Connections::guarded(const std::function<Result<>()>& step) const {
    try {
        return step();
    } catch (const soci::soci_error& error) {
        return dialect_->translate(error);
    } catch (const std::exception&) {
        // What it says may hold values of a patient.
        return Error{.code = Errc::internal, .detail = "an unexpected exception inside a transaction"};
    }
}

Result<> Connections::run(Access access, const Work& work) {
    const auto began = std::chrono::steady_clock::now();
    Result<> done = run_in_turn(access, work);
    for (int attempt = 1; attempt < attempts_max && !done && done.error().provider_code == lost_race; ++attempt)
        done = run_in_turn(access, work);
    const auto took = std::chrono::duration<double>(std::chrono::steady_clock::now() - began);
    metrics_.observe_seconds("carevoice_database_seconds", took.count(),
                             {{"access", access == Access::read ? "read" : "write"}});
    if (!done) metrics_.add("carevoice_database_errors_total", {{"code", to_string(done.error().code)}});
    return done;
}

Result<> Connections::run_in_turn(Access access, const Work& work) {
    std::optional<WriteTurn> turn;
    if (access != Access::read && dialect_->single_writer()) {
        turn.emplace(*this);
        if (!turn->held()) return unavailable("too many writers wait for the database");
    }
    Lease lease(*this);
    if (!lease.held()) return unavailable("no database connection became free");
    return run_leased(access, lease, work);
}

Result<> Connections::connect(Lease& lease) {
    const auto now = std::chrono::steady_clock::now();
    if (now < connects_again_at_.load()) return unavailable("the database server is away");
    lease.unwatch();
    Result<> opened = guarded([&] {
        lease.session().close();
        return dialect_->open(lease.session());
    });
    lease.lost() = opened ? 0 : 1;
    if (opened) {
        lease.watch();
        metrics_.add("carevoice_database_reconnects_total");
    } else {
        connects_again_at_ = std::chrono::steady_clock::now() + pause_between_connects;
    }
    return opened;
}

bool Connections::is_lost(Lease& lease, const Error& failed) const {
    return failed.provider_code == lost_connection || dialect_->is_lost(lease.session());
}

Result<> Connections::begin(Access access, Lease& lease) {
    const auto start = [&]() -> Result<> {
        if (access != Access::read) return dialect_->begin_write(lease.session());
        dialect_->begin_read(lease.session());
        return {};
    };
    if (lease.lost() == 0) {
        if (access != Access::migrate) lease.watch();
        Result<> begun = guarded(start);
        if (begun || !is_lost(lease, begun.error())) return begun;
        // It died while nobody used it, and nothing has been asked of it yet.
        lease.lost() = 1;
        if (lease.is_late()) return begun;
    }
    if (auto connected = connect(lease); !connected) return connected;
    return guarded(start);
}

Result<> Connections::run_leased(Access access, Lease& lease, const Work& work) {
    Result<> begun = begin(access, lease);
    if (!begun) return begun;

    bool commits = false;
    Result<> done = guarded([&]() -> Result<> {
        commits = work(lease.session());
        if (commits) lease.session().commit();
        return {};
    });
    if (done && commits) return {};

    if (!done && is_lost(lease, done.error())) {
        lease.lost() = 1;
        if (commits) return Error{.code = Errc::timed_out, .detail = "the database was lost while it stored this"};
        return done;
    }
    // The database may have rolled back by itself; then this fails, which is as good.
    (void)guarded([&]() -> Result<> {
        lease.session().rollback();
        return {};
    });
    return done;
}

Result<> Connections::probe() {
    Result<> answer;
    const Result<> asked = run(Access::read, [&](soci::session& session) {
        answer = dialect_->probe(session);
        return answer.has_value();
    });
    return asked ? answer : asked;
}

}  // namespace carevoice::storage::sql
