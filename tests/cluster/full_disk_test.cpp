// The disk of an instance with SQLite is full in the middle of a call, and has room again later.
#include "cluster/findings.h"

#include <fcntl.h>

namespace carevoice::tests {
namespace {

using simulator::CallEventKind;

constexpr std::chrono::seconds outage{10};

/// Where the small disk of `instance` is, seen from here: it is mounted for that process alone.
std::filesystem::path disk_of(const CarevoiceProcess& instance) {
    return std::filesystem::path("/proc/" + std::to_string(instance.id()) + "/root/mnt");
}

/// Takes all the room there is; returns the file that took it.
std::filesystem::path fill(const std::filesystem::path& disk) {
    auto ballast = disk / "ballast";
    const int file = ::open(ballast.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    EXPECT_GE(file, 0);
    // In small pieces at last, so that not a page is left.
    for (std::size_t piece : {std::size_t{1} << 16U, std::size_t{1}}) {
        const std::string bytes(piece, 'x');
        while (::write(file, bytes.data(), bytes.size()) > 0) {
        }
    }
    EXPECT_EQ(errno, ENOSPC);
    ::close(file);
    return ballast;
}

TEST(FullDisk, TheCallGoesOnAndItsAlertsLeaveWhenThereIsRoomAgain) {
    // Root mounts; anybody else may in a namespace of users.
    const std::string namespaces = ::geteuid() == 0 ? "-m" : "-rm";
    Cluster cluster({.instances = 1,
                     .settings = {{"DATABASE_URL", "sqlite:/mnt/carevoice.db"}},
                     .launcher = {"/usr/bin/unshare", namespaces, "/bin/sh", "-c",
                                  R"(mount -t tmpfs -o size=16m none /mnt && exec "$0" "$@")"}});
    auto call = cluster.play({{"sc-02"}}, "updates");
    ASSERT_TRUE(cluster.network.line().wait_for(CallEventKind::patient_spoke, 3).has_value());
    const auto ballast = fill(disk_of(cluster.instance(0)));
    const auto over = std::chrono::steady_clock::now() + outage;
    std::this_thread::sleep_until(over);
    EXPECT_TRUE(cluster.is_running(0));
    ASSERT_TRUE(std::filesystem::remove(ballast));
    // All words, facts, alerts and the summary are there in the end.
    expect_passed(call.get(), cluster);
    EXPECT_LE(cluster.network.line().longest_silence(), milliseconds(4'000)) << cluster.network.line().where();
    EXPECT_EQ(cluster.left_of("carevoice_outbox_queued"), 0);
    EXPECT_EQ(cluster.metric(0, "carevoice_outbox_dead"), 0);
    EXPECT_EQ(cluster.metric(0, "carevoice_turns_lost_total"), 0);
    EXPECT_FALSE(cluster.mail_server.mails().empty());
    for (const auto& [key, times] : cluster.network.alerts().received()) EXPECT_EQ(times, 1) << key;
}

}  // namespace
}  // namespace carevoice::tests
