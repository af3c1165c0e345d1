// Recordings of whole calls: asked for by REST, reported by callback, fetched, kept, transcribed, deleted.
#include "integration/simulated_call.h"

#include "core/metrics.h"
#include "net/client.h"
#include "support/run_coroutine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include <filesystem>
#include <functional>
#include <string>

namespace carevoice::tests {
namespace {

using testing::IsEmpty;

/// Asks the service until `done` holds for its answer; false when that takes more than two minutes.
class Onlooker {
public:
    explicit Onlooker(const SimulatedHouse& house) : origin_(net::parse_url(house.service->origin()).value()) {}

    net::HttpResponse ask(const std::string& method, const std::string& target) {
        return run(with_client([=](net::HttpClient& client, net::Url origin) -> async::Task<net::HttpResponse> {
            net::HttpRequest request;
            request.method = method;
            request.target = target;
            auto response = co_await client.send(std::move(origin), std::move(request), Deadline::in(in_time));
            co_return response.value();
        }));
    }

    bool until(const std::function<bool()>& done) {
        const auto give_up = Deadline::in(std::chrono::minutes(2));
        while (!done()) {
            if (give_up.passed(std::chrono::steady_clock::now())) return false;
            run(pause());
        }
        return true;
    }

private:
    static constexpr milliseconds in_time{10'000};

    template <class Work>
    async::Task<net::HttpResponse> with_client(Work work) {
        NoMetrics metrics;
        SystemRandom random;
        net::HttpClient client(co_await async::asio::this_coro::executor, net::ClientOptions{}, random, metrics);
        auto asking = work(client, origin_);
        auto response = co_await std::move(asking);
        co_await client.stop();
        co_return response;
    }
    static async::Task<int> pause() {
        (void)co_await async::sleep_for(milliseconds(200));
        co_return 0;
    }

    net::Url origin_;
};

boost::json::value recording_of(Onlooker& onlooker, const std::string& call) {
    const auto answer = onlooker.ask("GET", "/api/v1/calls/status/" + call);
    return boost::json::parse(answer.body).at("recording");
}

std::size_t files_in(const std::filesystem::path& folder) {
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) files += entry.path().extension() == ".rec";
    return files;
}

TEST(RecordedCall, IsFetchedReadAndDeletedWithItsPatient) {
    SimulatedHouse house;
    const auto report = house.play("sc-02");
    EXPECT_THAT(report.broken, IsEmpty()) << house.conversation;
    EXPECT_EQ(house.twilio->recordings().made(), 1U);
    Onlooker onlooker(house);
    boost::json::value recording;
    EXPECT_TRUE(onlooker.until([&] {
        recording = recording_of(onlooker, report.call_session_id);
        return recording.is_object() && recording.at("state") == "kept";
    })) << recording;
    EXPECT_GT(recording.at("duration_seconds").to_number<int>(), 5);
    EXPECT_GT(recording.at("word_agreement").to_number<double>(), 0.6);
    EXPECT_EQ(files_in(house.settings.data_dir / "recordings"), 1U);

    const std::string patient(report.evidence.status.at("patient_id").as_string());
    EXPECT_EQ(onlooker.ask("DELETE", "/api/v1/patients/" + patient).status, 204);
    EXPECT_TRUE(onlooker.until([&] { return house.twilio->recordings().size() == 0; }));
    EXPECT_EQ(files_in(house.settings.data_dir / "recordings"), 0U);
}

TEST(RecordedCall, GoesOnWhenTwilioWillNotRecord) {
    SimulatedHouse house;
    simulator::Faults faults;
    faults.recording_refused = 1;
    house.twilio->set_faults(faults);
    const auto report = house.play("sc-02");
    EXPECT_THAT(report.broken, IsEmpty()) << house.conversation;
    Onlooker onlooker(house);
    EXPECT_EQ(recording_of(onlooker, report.call_session_id).at("state"), "refused");
}

TEST(RecordedCall, IsNeverOneWithoutConsent) {
    SimulatedHouse house;
    // Somebody who says no at once, and somebody who is not the patient.
    for (const auto* scenario : {"sc-10", "sc-07"}) {
        const auto report = house.play(scenario);
        EXPECT_THAT(report.broken, IsEmpty()) << house.conversation;
        Onlooker onlooker(house);
        EXPECT_TRUE(recording_of(onlooker, report.call_session_id).is_null());
    }
    EXPECT_EQ(house.twilio->recordings().made(), 0U);
}

}  // namespace
}  // namespace carevoice::tests
