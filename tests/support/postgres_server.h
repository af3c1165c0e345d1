// A real PostgreSQL for tests: Debian's binaries, a cluster in a temporary folder, reachable by a Unix socket only.
#pragma once

#include "support/child_server.h"

#include <libpq-fe.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace carevoice::tests {

/// Thread-safe. Making the cluster takes about a second, so a test program makes one and gives each test a database.
class PostgresServer {
public:
    /// The one of this test program, made when it is first asked for.
    static PostgresServer& shared() {
        static PostgresServer server;
        return server;
    }

    PostgresServer() : binaries_(find_binaries()) {
        run_program({binaries_ / "initdb", "--pgdata=" + data(), "--username=carevoice", "--auth=trust",
                     "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"},
                    user_, log());
        start();
    }
    ~PostgresServer() {
        if (process_ > 0) end(SIGQUIT);
    }
    PostgresServer(const PostgresServer&) = delete;
    PostgresServer& operator=(const PostgresServer&) = delete;

    /// The URL of an empty database, which nobody else has until it is given back.
    std::string create_database() {
        {
            const std::lock_guard lock(mutex_);
            if (!free_.empty()) {
                std::string url = std::move(free_.back());
                free_.pop_back();
                return url;
            }
        }
        const std::string name = "test_" + std::to_string(next_.fetch_add(1));
        sql("CREATE DATABASE " + name + " TEMPLATE template0");
        return url_of(name);
    }
    /// Gives back a database that create_database() made. Ends connections to it and empties it, which takes a
    /// fiftieth of the time that a new one does.
    void drop_database(const std::string& url) {
        sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + name_of(url) + "'");
        sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public", url);
        const std::lock_guard lock(mutex_);
        free_.push_back(url);
    }

    /// Runs `statement` in the database of `url`, behind everybody's back. Returns its rows as text, null as "".
    using Rows = std::vector<std::vector<std::string>>;
    Rows sql(const std::string& statement, const std::string& url = {}) {
        const std::unique_ptr<PGconn, void (*)(PGconn*)> connection(
            ::PQconnectdb((url.empty() ? url_of("postgres") : url).c_str()), ::PQfinish);
        ::PQsetNoticeProcessor(
            connection.get(), [](void*, const char*) {}, nullptr);
        const std::unique_ptr<PGresult, void (*)(PGresult*)> result(::PQexec(connection.get(), statement.c_str()),
                                                                    ::PQclear);
        const auto status = ::PQresultStatus(result.get());
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
            throw std::runtime_error(std::string("PostgreSQL refused: ") + ::PQerrorMessage(connection.get()));
        Rows rows(static_cast<std::size_t>(::PQntuples(result.get())));
        for (std::size_t row = 0; row < rows.size(); ++row)
            for (int column = 0; column < ::PQnfields(result.get()); ++column)
                rows[row].emplace_back(::PQgetvalue(result.get(), static_cast<int>(row), column));
        return rows;
    }
    /// Where the server listens, for a TcpProxy in front of it.
    [[nodiscard]] std::string socket() const { return folder_.path() / ".s.PGSQL.5432"; }
    /// `url` (of create_database()), reached through a port of this machine instead.
    [[nodiscard]] static std::string through_port(const std::string& url, std::uint16_t port) {
        return "postgresql://carevoice@127.0.0.1:" + std::to_string(port) + "/" + name_of(url);
    }

    /// Comes back when it takes connections.
    void start() {
        process_ =
            start_program({binaries_ / "postgres", "-D", data(), "-k", folder_.path(), "-c", "listen_addresses=", "-c",
                           "fsync=off", "-c", "full_page_writes=off", "-c", "shared_buffers=16MB", "-c",
                           "max_connections=200", "-c", "autovacuum=off", "-c", "deadlock_timeout=50ms"},
                          user_, log(), SIGQUIT);
        const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(30);
        while (::PQping(url_of("postgres").c_str()) != PQPING_OK) {
            if (std::chrono::steady_clock::now() > give_up) throw std::runtime_error("PostgreSQL does not start");
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
    }
    /// Throws everybody out at once, without a word of goodbye, as in a crash.
    void stop() { end(SIGQUIT); }

    /// Makes all processes of the server stand still, as on a machine that hangs; resume() lets them go on.
    void pause() { signal_all(SIGSTOP); }
    void resume() { signal_all(SIGCONT); }

private:
    static std::filesystem::path find_binaries() {
        std::filesystem::path newest;
        std::error_code ignored;
        for (const auto& version : std::filesystem::directory_iterator("/usr/lib/postgresql", ignored))
            if (std::filesystem::exists(version.path() / "bin" / "initdb")) newest = version.path() / "bin";
        if (newest.empty()) throw std::runtime_error("PostgreSQL is not installed: run ./dev setup");
        return newest;
    }
    [[nodiscard]] std::string data() const { return folder_.path() / "data"; }
    [[nodiscard]] std::filesystem::path log() const { return folder_.path() / "log"; }
    [[nodiscard]] std::string url_of(const std::string& database) const {
        return "postgresql:///" + database + "?user=carevoice&host=" + folder_.path().string();
    }
    static std::string name_of(const std::string& url) {
        const std::size_t begin = std::string("postgresql:///").size();
        return url.substr(begin, url.find('?') - begin);
    }
    void end(int signal) {
        ::kill(process_, signal);
        wait_for_end(process_);
        process_ = -1;
    }
    /// The server and its children, which are what serves the connections.
    void signal_all(int signal) {
        ::kill(process_, signal);
        for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
            const int process = std::atoi(entry.path().filename().c_str());
            if (process > 0 && parent_of(process) == process_) ::kill(process, signal);
        }
    }
    static int parent_of(int process) {
        std::ifstream file("/proc/" + std::to_string(process) + "/stat");
        std::string text((std::istreambuf_iterator<char>(file)), {});
        // "PID (name) state parent …", and the name may hold anything.
        const std::size_t end = text.rfind(')');
        int parent = -1;
        if (end != std::string::npos) (void)std::sscanf(text.c_str() + end + 1, " %*c %d", &parent);
        return parent;
    }

    std::filesystem::path binaries_;
    UnprivilegedUser user_ = UnprivilegedUser::find();
    ServerFolder folder_{user_};
    pid_t process_ = -1;
    std::atomic<int> next_{1};
    std::mutex mutex_;
    std::vector<std::string> free_;
};

}  // namespace carevoice::tests
