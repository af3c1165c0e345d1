#include "storage/sql/connections.h"

#include <exception>

namespace carevoice::storage::sql {

/// A connection of the pool for the time of one transaction.
class Connections::Lease {
public:
    explicit Lease(soci::connection_pool& pool) : pool_(pool) {
        const auto wait = std::chrono::duration_cast<std::chrono::milliseconds>(patience);
        held_ = pool_.try_lease(position_, static_cast<int>(wait.count()));
    }
    ~Lease() {
        if (held_) pool_.give_back(position_);
    }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;

    [[nodiscard]] bool held() const noexcept { return held_; }
    soci::session& session() { return pool_.at(position_); }

private:
    soci::connection_pool& pool_;
    std::size_t position_ = 0;
    bool held_ = false;
};

/// The right to write, for the time of one transaction.
class Connections::WriteTurn {
public:
    explicit WriteTurn(Connections& connections) : connections_(connections) {
        std::unique_lock lock(connections_.turn_mutex_);
        held_ = connections_.turn_is_free_.wait_for(lock, patience, [this] { return !connections_.someone_writes_; });
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

Result<std::unique_ptr<Connections>> Connections::open(std::unique_ptr<const Dialect> dialect, std::size_t count) {
    std::unique_ptr<Connections> connections(new Connections(std::move(dialect), count));
    for (std::size_t i = 0; i < count; ++i) {
        const Result<> opened =
            connections->guarded([&] { return connections->dialect_->open(connections->pool_.at(i)); });
        if (!opened) return opened.error();
    }
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

Result<> Connections::run(Access access, const std::function<bool(soci::session&)>& work) {
    std::optional<WriteTurn> turn;
    if (access == Access::write && dialect_->single_writer()) {
        turn.emplace(*this);
        if (!turn->held()) return Error{.code = Errc::unavailable, .detail = "too many writers wait for the database"};
    }
    Lease lease(pool_);
    if (!lease.held()) return Error{.code = Errc::unavailable, .detail = "no database connection became free"};
    return run_leased(access, lease.session(), work);
}

Result<> Connections::run_leased(Access access, soci::session& session,
                                 const std::function<bool(soci::session&)>& work) {
    Result<> begun = guarded([&]() -> Result<> {
        if (access == Access::write) return dialect_->begin_write(session);
        session.begin();
        return {};
    });
    if (!begun) return begun;

    bool commit = false;
    Result<> done = guarded([&]() -> Result<> {
        commit = work(session);
        if (commit) session.commit();
        return {};
    });
    if (done && commit) return {};

    // The database may have rolled back by itself; then this fails, which is as good.
    (void)guarded([&]() -> Result<> {
        session.rollback();
        return {};
    });
    return done;
}

Result<> Connections::probe() {
    Lease lease(pool_);
    if (!lease.held()) return Error{.code = Errc::unavailable, .detail = "no database connection became free"};
    return guarded([&] { return dialect_->probe(lease.session()); });
}

}  // namespace carevoice::storage::sql
