#include "simulator/scenario_runner.h"

#include "fake_service.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace carevoice::simulator {
namespace {

namespace json = boost::json;

constexpr const char* one_scenario = R"({"scenarios":[{"id":"a","title":"Short call","call_type":"followup",
  "persona":{"first_name":"Ann","last_name":"Lee","dob":"1960-01-02"},
  "procedure":{"name":"hip","family":"joint","post_op_day":3},"behaviour":{},
  "answers":{"identity":["Ann Lee, January second nineteen sixty."],"pain_score":["About a three."]},
  "default":["What?"],
  "expect":{"outcome":"completed","identity_verified":true,"data":{"pain_score":3},"alerts":[],
            "must_say":["goodbye"],"must_ask":["pain_score"]}}]})";

/// A service with an API and two questions, in gather mode.
class ScriptedCarevoice {
public:
    ScriptedCarevoice(async::Executor executor, Random& random, net::HttpClient& http)
        : executor_(executor), http_(http) {
        net::Router router;
        router.on("POST", "/api/v1/patients", [this](net::HttpRequest request) -> async::Task<net::HttpResponse> {
            patients.push_back(request.body);
            co_return net::text_response(patients.size() == 1 ? 409 : 201, "application/json", "{}");
        });
        router.on("PUT", "/api/v1/patients/{id}", [](net::HttpRequest) -> async::Task<net::HttpResponse> {
            co_return net::text_response(200, "application/json", "{}");
        });
        router.on("POST", "/api/v1/calls/initiate",
                  [this](net::HttpRequest request) { return initiate(std::move(request)); });
        router.on("GET", "/api/v1/calls/status/{id}",
                  [this](net::HttpRequest) -> async::Task<net::HttpResponse> { co_return reply(status()); });
        router.on("GET", "/api/v1/calls/transcripts/{id}", [this](net::HttpRequest) -> async::Task<net::HttpResponse> {
            co_return reply({{"turns", turns}, {"summary", nullptr}});
        });
        router.on("POST", "/voice", [this](net::HttpRequest request) { return converse(std::move(request)); });
        router.on("POST", "/status", [this](net::HttpRequest request) -> async::Task<net::HttpResponse> {
            ended = ended || request.body.find("CallStatus=completed") != std::string::npos;
            co_return net::HttpResponse{.status = 204};
        });
        server_ = std::make_unique<net::HttpServer>(executor, std::move(router), net::ServerLimits{}, random);
    }

    void start() {
        ASSERT_TRUE(server_->listen("127.0.0.1", 0));
        group_.spawn(executor_, server_->run());
    }
    async::Task<> stop() {
        co_await server_->stop(milliseconds{50});
        co_await group_.stop();
    }
    [[nodiscard]] std::string url(const std::string& path) const {
        return "http://127.0.0.1:" + std::to_string(server_->port()) + path;
    }

    TwilioSimulator* twilio = nullptr;
    bool refuses = false;
    int stored_pain = 3;
    std::vector<std::string> patients;
    json::array turns;
    std::string topic;
    bool ended = false;

private:
    static net::HttpResponse reply(const json::object& body) {
        return net::text_response(200, "application/json", json::serialize(body));
    }
    json::object status() const {
        json::object out{{"current_topic", topic}, {"alerts", json::array{}}, {"topics", json::array{}}};
        out["clinical_data"] = {{"identity_verified", true}, {"pain_score", stored_pain}};
        out["outcome"] = ended ? json::value("completed") : json::value(nullptr);
        out["ended_at"] = ended ? json::value("2026-11-22T00:00:00.000Z") : json::value(nullptr);
        return out;
    }
    async::Task<net::HttpResponse> initiate(net::HttpRequest request) {
        if (refuses) co_return net::text_response(422, "application/problem+json", R"({"title":"Not possible"})");
        const auto& options = twilio->options();
        const auto phone = json::parse(patients.back()).at("phone").as_string();
        const net::FormFields form{{"To", std::string(phone)},
                                   {"From", options.phone_number},
                                   {"Url", url("/voice")},
                                   {"StatusCallback", url("/status")},
                                   {"StatusCallbackEvent", "completed"}};
        net::HttpRequest create;
        create.method = "POST";
        create.target = "/2010-04-01/Accounts/" + options.account_sid + "/Calls.json";
        const std::string pair = options.account_sid + ":" + options.auth_token;
        create.headers.add("Authorization", "Basic " + base64_encode(std::as_bytes(std::span(pair))));
        create.body = net::encode_form(form);
        const auto origin = net::parse_url(twilio->base_url()).value();
        const auto answer = co_await http_.send(origin, std::move(create), Deadline::in(milliseconds{2'000}));
        co_return net::text_response(answer && answer->status == 201 ? 201 : 502, "application/json", request.body);
    }
    async::Task<net::HttpResponse> converse(net::HttpRequest request) {
        const auto fields = net::parse_form(request.body).value();
        if (const auto said = net::find_field(fields, "SpeechResult"))
            turns.push_back(json::object{{"speaker", "patient"}, {"topic", topic}, {"text", *said}});
        const auto asks = [](const std::string& words) {
            return "<Response><Gather input=\"speech\" timeout=\"4\"><Say>" + words + "</Say></Gather></Response>";
        };
        std::string page = "<Response><Say>Thank you, goodbye.</Say></Response>";
        if (topic.empty() && turns.empty()) {
            topic = "identity";
            page = asks("Who is speaking, please?");
        } else if (topic == "identity") {
            topic = "pain_score";
            page = asks("How bad is the pain?");
        } else {
            topic.clear();
        }
        co_return net::text_response(200, "text/xml", page);
    }

    async::Executor executor_;
    net::HttpClient& http_;
    std::unique_ptr<net::HttpServer> server_;
    async::TaskGroup group_{"scripted carevoice"};
};

class ScenarioRunnerTest : public ::testing::Test {
protected:
    ScenarioRunnerTest() {
        std::ofstream(file) << one_scenario;
        options.pace = 30;
    }
    ~ScenarioRunnerTest() override { std::filesystem::remove(file); }

    Result<RunReport> play(std::vector<std::string> names = {"all"}) {
        TwilioSimulator twilio(io.get_executor(), options, random, metrics);
        EXPECT_TRUE(twilio.start());
        carevoice.twilio = &twilio;
        carevoice.start();
        RunOptions run{.service = net::parse_url(carevoice.url("")).value(),
                       .api_key = {},
                       .scenarios_file = file,
                       .names = std::move(names),
                       .mode = "gather"};
        const RunParts parts{twilio, http, voices, clock, out};
        Result<RunReport> report = Error{Errc::timed_out, "hung"};
        auto conduct = [&]() -> async::Task<> {
            auto ran = co_await run_scenarios(std::move(run), parts);
            report = std::move(ran);
            co_await twilio.stop();
            co_await http.stop();
            co_await carevoice.stop();
        };
        boost::asio::co_spawn(io, conduct(), [](const std::exception_ptr& failure) {
            if (failure) std::rethrow_exception(failure);
        });
        io.run_for(std::chrono::seconds(60));
        return report;
    }

    boost::asio::io_context io{1};
    SeededRandom random{3};
    NoMetrics metrics;
    SystemClock clock;
    TwilioOptions options;
    net::HttpClient http{io.get_executor(), net::ClientOptions{}, random, metrics};
    ScriptedCarevoice carevoice{io.get_executor(), random, http};
    VoiceCache voices{nullptr, {}};
    std::ostringstream out;
    std::filesystem::path file =
        std::filesystem::temp_directory_path() / ("scenario-" + SystemRandom().hex(8) + ".json");
};

TEST_F(ScenarioRunnerTest, PlaysACallAndPasses) {
    const auto report = play();
    ASSERT_TRUE(report) << report.error().detail;
    ASSERT_EQ(report->scenarios.size(), 1U);
    EXPECT_TRUE(report->passed()) << out.str();
    EXPECT_NE(out.str().find("nurse: How bad is the pain?"), std::string::npos) << out.str();
    EXPECT_NE(out.str().find("patient: About a three.  (heard: About a three.)"), std::string::npos) << out.str();
    EXPECT_NE(out.str().find("PASS a Short call"), std::string::npos);
    const auto patient = json::parse(carevoice.patients.front());
    EXPECT_EQ(patient.at("phone"), "+15555550101");
}

TEST_F(ScenarioRunnerTest, TellsWhatIsBroken) {
    carevoice.stored_pain = 8;
    const auto report = play({"a"});
    ASSERT_TRUE(report);
    EXPECT_FALSE(report->passed());
    EXPECT_NE(out.str().find("FAIL a Short call"), std::string::npos);
    EXPECT_NE(out.str().find("- fact pain_score: wanted 3, stored 8"), std::string::npos);
}

TEST_F(ScenarioRunnerTest, RefusedCallFailsAtOnce) {
    carevoice.refuses = true;
    const auto report = play();
    ASSERT_TRUE(report);
    EXPECT_NE(out.str().find("the call could not be placed: HTTP 422: Not possible"), std::string::npos) << out.str();
}

TEST_F(ScenarioRunnerTest, UnknownNameIsRefused) {
    const auto report = play({"sc-99"});
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, Errc::not_found);
}

TEST(Percentile, TakesTheNearestRank) {
    const std::vector<milliseconds> samples{milliseconds{30}, milliseconds{10}, milliseconds{20}, milliseconds{40}};
    EXPECT_EQ(percentile(samples, 0.5), milliseconds{20});
    EXPECT_EQ(percentile(samples, 0.95), milliseconds{40});
    EXPECT_EQ(percentile({}, 0.5), milliseconds{0});
}

}  // namespace
}  // namespace carevoice::simulator
