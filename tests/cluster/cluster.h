// Instances of the service as processes, behind HAProxy, on PostgreSQL and Redis, each reached through a line that a
// test can slow, silence or cut.
#pragma once

#include "cluster/telephone_network.h"
#include "support/carevoice_process.h"
#include "support/fake_chat_server.h"
#include "support/fake_smtp_server.h"
#include "support/haproxy_server.h"
#include "support/postgres_server.h"
#include "support/redis_server.h"
#include "support/tcp_proxy.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <list>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace carevoice::tests {

/// `copies` patients like those of scenario `id`, who answer each question always in the same words, so that nothing is
/// lost when a question is asked again.
struct PatientsLike {
    std::string id;
    int copies = 1;
};

/// A scenarios file of such patients; their ids are "sc-02-MARK0", "sc-02-MARK1" and so on. No
/// two patients may have the same id: they would be one patient, with one telephone.
inline std::filesystem::path write_scenarios(const std::filesystem::path& file, const std::vector<PatientsLike>& wanted,
                                             const std::string& mark) {
    namespace json = boost::json;
    std::ifstream in(std::string(CAREVOICE_SOURCE_DIR) + "/scenarios/call-scenarios.json");
    json::value all = json::parse(std::string(std::istreambuf_iterator<char>(in), {}));
    json::array chosen;
    for (const auto& [id, copies] : wanted)
        for (const auto& scenario : all.at("scenarios").as_array()) {
            if (scenario.at("id").as_string() != id) continue;
            for (int copy = 0; copy < copies; ++copy) {
                json::value patient = scenario;
                patient.as_object()["id"] = id + "-" + mark + std::to_string(copy);
                patient.at("persona").as_object()["voice"] = "clear";
                for (auto& answer : patient.at("answers").as_object()) answer.value().as_array().resize(1);
                chosen.push_back(std::move(patient));
            }
        }
    all.as_object()["scenarios"] = std::move(chosen);
    std::ofstream(file, std::ios::trunc) << json::serialize(all);
    return file;
}

struct ClusterOptions {
    int instances = 3;
    ServeSettings settings = {};             ///< of every instance, over the usual ones
    std::vector<std::string> launcher = {};  ///< a program that starts the instances
    milliseconds ring{100};                  ///< how long a telephone rings before it is answered
};

class Cluster {
public:
    explicit Cluster(ClusterOptions options = {})
        : options_(std::move(options)), doors_(static_cast<std::size_t>(options_.instances)) {
        database_line.lead_to_socket(postgres_.socket());
        redis_line.lead_to_socket(redis_.socket());
        twilio_line.lead_to(network.twilio().port());
        mail_line.lead_to(mail_server.port());
        speech_line.lead_to(network.speech_port());
        webhook_line.lead_to(network.alerts_port());
        chat_line.lead_to(chat_server.url().port);
        instances_.resize(doors_.size());
        for (std::size_t i = 0; i < instances_.size(); ++i) start(i);
        for (std::size_t i = 0; i < instances_.size(); ++i) wait_until_ready(i);
        std::vector<std::uint16_t> ports;
        for (TcpProxy& door : doors_) ports.push_back(door.port());
        haproxy_.start(ports);
    }
    ~Cluster() {
        if (testing::Test::HasFailure()) print_logs();
        instances_.clear();
        postgres_.drop_database(database_);
    }
    Cluster(const Cluster&) = delete;
    Cluster& operator=(const Cluster&) = delete;

    // ---- Instances

    void start(std::size_t i) {
        instances_[i] = std::make_unique<CarevoiceProcess>(folder_.path(), "carevoice-" + std::to_string(i),
                                                           settings_of(i), options_.launcher);
        doors_[i].lead_to(instances_[i]->port());
        doors_[i].set(LineState::clear);
    }
    void kill(std::size_t i) {
        instances_[i]->kill();
        doors_[i].set(LineState::dead);
    }
    CarevoiceProcess& instance(std::size_t i) { return *instances_[i]; }
    TcpProxy& door(std::size_t i) { return doors_[i]; }
    [[nodiscard]] std::size_t size() const { return instances_.size(); }
    [[nodiscard]] bool is_running(std::size_t i) const { return instances_[i] && instances_[i]->is_running(); }

    /// Who follows that call; nullopt when nobody does.
    std::optional<std::size_t> owner_of(const std::string& call_sid) {
        const auto rows = sql("SELECT owner FROM calls WHERE call_sid = '" + call_sid + "'");
        for (std::size_t i = 0; !rows.empty() && i < doors_.size(); ++i)
            if (doors_[i].origin() == rows[0][0]) return i;
        return std::nullopt;
    }

    void wait_until_ready(std::size_t i) {
        for (;;) {
            const auto answer = network.ask("GET", doors_[i].origin() + "/health/ready");
            if (answer.has_value() && answer->status == 200) return;
            if (!is_running(i)) throw std::runtime_error("an instance died: " + log_of(i));
            std::this_thread::sleep_for(milliseconds(10));
        }
    }

    /// All metrics of one instance as text; empty when it does not answer.
    std::string metrics(std::size_t i) {
        const auto answer = network.ask("GET", doors_[i].origin() + "/metrics");
        return answer.has_value() ? answer->body : std::string();
    }
    /// The value of one metric, its name with its labels; 0 when it is not there.
    double metric(std::size_t i, const std::string& name) {
        std::istringstream lines(metrics(i));
        for (std::string line; std::getline(lines, line);)
            if (line.starts_with(name + " ")) return std::stod(line.substr(name.size() + 1));
        return 0;
    }
    /// Waits until `name` is 0 at all instances, for at most 30 s. Returns what is left.
    double left_of(const std::string& name) {
        const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(30);
        for (;;) {
            double sum = 0;
            for (std::size_t i = 0; i < size(); ++i) sum += metric(i, name);
            if (sum == 0 || std::chrono::steady_clock::now() > give_up) return sum;
            std::this_thread::sleep_for(milliseconds(50));
        }
    }
    [[nodiscard]] std::string log_of(std::size_t i) const { return instances_[i] ? instances_[i]->log() : ""; }

    // ---- Calls

    /// Plays calls beside the caller: asked for at HAProxy, or at one instance.
    std::future<Result<simulator::RunReport>> play(const std::vector<PatientsLike>& patients, const std::string& mode,
                                                   int first_phone = 101, std::optional<std::size_t> at = {}) {
        const auto file = folder_.path() / ("scenarios-" + mode + std::to_string(first_phone) + ".json");
        simulator::RunOptions run;
        run.service = net::parse_url(at ? doors_[*at].origin() : haproxy_.inside_origin()).value();
        run.scenarios_file = write_scenarios(file, patients, mode.substr(0, 1) + std::to_string(first_phone) + "-");
        run.mode = mode;
        run.parallel = 64;
        run.first_phone = first_phone;
        run.call_limit = std::chrono::seconds(150);
        return network.play(std::move(run), conversations_.emplace_back());
    }
    /// All conversations so far, for people. Only when no call is played.
    [[nodiscard]] std::string conversations() const {
        std::string text;
        for (const auto& one : conversations_) text += one.str();
        return text;
    }

    PostgresServer::Rows sql(const std::string& statement) { return postgres_.sql(statement, database_); }
    PostgresServer& postgres() { return postgres_; }
    RedisServer& redis() { return redis_; }

private:
    ClusterOptions options_;
    std::list<std::ostringstream> conversations_;

public:
    // What others use outlives them, so these come first.
    FakeSmtpServer mail_server;
    FakeChatServer chat_server{gemini_says("{}")};
    TelephoneNetwork network{options_.ring};
    TcpProxy database_line;
    TcpProxy redis_line;
    TcpProxy twilio_line;
    TcpProxy mail_line;
    TcpProxy speech_line;
    TcpProxy webhook_line;
    TcpProxy chat_line;

private:
    ServeSettings settings_of(std::size_t i) {
        const auto& account = network.twilio().options();
        ServeSettings settings = options_.settings;
        settings.merge(ServeSettings{
            {"DATABASE_URL", PostgresServer::through_port(database_, database_line.port())},
            {"REDIS_URL", "redis://127.0.0.1:" + std::to_string(redis_line.port())},
            {"INSTANCE_URL", doors_[i].origin()},
            {"MODELS_DIR", (folder_.path() / "no-models").string()},
            {"TWILIO_ACCOUNT_SID", account.account_sid},
            {"TWILIO_AUTH_TOKEN", account.auth_token},
            {"TWILIO_PHONE_NUMBER", account.phone_number},
            {"TWILIO_API_BASE_URL", twilio_line.origin()},
            {"TWILIO_WEBHOOK_URL", haproxy_.public_origin()},
            {"CALLING_HOURS", "00:00-24:00"},
            {"CALLS_PER_SECOND", "100"},
            {"RETRY_CALLS", "off"},
            {"STT_PROVIDER", "openai"},
            {"STT_BASE_URL", speech_line.origin()},
            {"GEMINI_API_KEY", "simulated-gemini-key"},
            {"GEMINI_API_BASE_URL", chat_line.origin()},
            {"SMTP_HOST", "127.0.0.1"},
            {"SMTP_PORT", std::to_string(mail_line.port())},
            {"ALERT_FROM_EMAIL", "alerts@example.org"},
            {"CARE_TEAM_EMAILS", "ward@example.org"},
            {"CARE_TEAM_PHONES", "+15550109999"},
            {"ALERT_WEBHOOK_URLS", webhook_line.origin() + "/alerts"},
            {"ALERT_WEBHOOK_SECRET", "0123456789abcdef0123456789abcdef"},
        });
        return settings;
    }
    void print_logs() const {
        for (std::size_t i = 0; i < instances_.size(); ++i)
            std::cerr << "---- log of instance " << i << "\n" << end_of(log_of(i)) << "\n";
        std::cerr << "---- HAProxy\n" << end_of(haproxy_.log()) << "\n";
    }
    static std::string end_of(const std::string& text) {
        constexpr std::size_t most = 6'000;
        return text.size() > most ? "…" + text.substr(text.size() - most) : text;
    }

    PostgresServer& postgres_ = PostgresServer::shared();
    std::string database_ = postgres_.create_database();
    RedisServer redis_;
    ServerFolder folder_{{.uid = ::geteuid(), .gid = ::getegid()}};
    std::vector<TcpProxy> doors_;
    HaproxyServer haproxy_;
    std::vector<std::unique_ptr<CarevoiceProcess>> instances_;
};

}  // namespace carevoice::tests
