#include "api/wall_routes.h"

#include "api_house.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace carevoice::api {

namespace {

using ::testing::HasSubstr;

/// A folder as ./dev web leaves it, and a secret beside it.
class WallRoutes : public ::testing::Test {
protected:
    WallRoutes() {
        SystemRandom random;
        root_ = std::filesystem::temp_directory_path() / ("carevoice-wall-" + random.hex(8));
        write("dist/index.html", "<!doctype html><title>wall</title>");
        write("dist/assets/index-4f9c.js", "export {};");
        write("dist/favicon.svg", "<svg/>");
        write("secret.txt", "secret");
    }
    ~WallRoutes() override {
        std::error_code ignored;
        std::filesystem::remove_all(root_, ignored);
    }

    void write(const std::string& name, const std::string& text) {
        std::filesystem::create_directories((root_ / name).parent_path());
        std::ofstream(root_ / name) << text;
    }

    std::shared_ptr<const WallFiles> files() const {
        return std::make_shared<const WallFiles>(WallFiles::from_folder(root_ / "dist").value());
    }

    ApiHouseOptions options() const { return {.api_key = "a-key-of-some-length", .wall = files()}; }

    std::filesystem::path root_;
};

net::HttpResponse get(ApiHouse& api, std::string target, std::string etag = {}) {
    net::HttpRequest request;
    request.target = std::move(target);
    if (!etag.empty()) request.headers.set("If-None-Match", std::move(etag));
    return api.fetch(std::move(request));
}

std::string header(const net::HttpResponse& response, std::string_view name) {
    return std::string(response.headers.find(name).value_or(""));
}

TEST_F(WallRoutes, AnswerEachPageOfTheWallWithItsIndexAndWithoutAKey) {
    ApiHouse api(options());
    for (const auto* const page : {"/", "/alerts", "/alerts/alert-17", "/calls/s1/transcript", "/patients", "/plan"}) {
        const auto response = get(api, page);
        EXPECT_EQ(response.status, 200) << page;
        EXPECT_EQ(header(response, "Content-Type"), "text/html; charset=utf-8");
        EXPECT_THAT(response.body, HasSubstr("<title>wall</title>"));
        EXPECT_EQ(header(response, "Cache-Control"), "no-cache");
        EXPECT_THAT(header(response, "Content-Security-Policy"), HasSubstr("script-src 'self'"));
        EXPECT_EQ(header(response, "X-Content-Type-Options"), "nosniff");
    }
}

TEST_F(WallRoutes, LetBrowsersKeepFilesWhoseNamesChangeWithTheirContents) {
    ApiHouse api(options());
    const auto script = get(api, "/assets/index-4f9c.js");
    EXPECT_EQ(script.status, 200);
    EXPECT_EQ(header(script, "Content-Type"), "text/javascript; charset=utf-8");
    EXPECT_THAT(header(script, "Cache-Control"), HasSubstr("immutable"));
    EXPECT_EQ(header(get(api, "/favicon.svg"), "Content-Type"), "image/svg+xml");
}

TEST_F(WallRoutes, SayThatNothingChangedToWhomHasIt) {
    ApiHouse api(options());
    const auto etag = header(get(api, "/"), "ETag");
    const auto again = get(api, "/", etag);
    EXPECT_EQ(again.status, 304);
    EXPECT_EQ(again.body, "");
    EXPECT_EQ(header(again, "ETag"), etag);
    EXPECT_EQ(get(api, "/", "\"another\"").status, 200);
}

TEST_F(WallRoutes, LeadToNoFileOutsideTheWall) {
    ApiHouse api(options());
    for (const auto* const target : {"/assets/../../secret.txt", "/assets/%2e%2e/%2e%2e/secret.txt", "/assets/",
                                     "/assets/..%2f..%2fsecret.txt", "/assets//etc/passwd", "/secret.txt"}) {
        const auto response = get(api, target);
        EXPECT_EQ(response.status, 404) << target;
        EXPECT_EQ(response.body.find("secret\n"), std::string::npos);
    }
}

TEST_F(WallRoutes, LeaveTheApiItsOwnRefusals) {
    ApiHouse api(options());
    EXPECT_EQ(api.get("/api/v1/alerts").status, 401);
    EXPECT_EQ(api.get("/api/v1/nothing").status, 404);
    EXPECT_EQ(api.get("/health").status, 200);
}

TEST_F(WallRoutes, SayWhatToDoWhenTheWallWasNotBuilt) {
    ApiHouse api({.wall = std::make_shared<const WallFiles>()});
    const auto response = get(api, "/");
    EXPECT_EQ(response.status, 503);
    EXPECT_THAT(response.body, HasSubstr("./dev web"));
}

TEST_F(WallRoutes, RefuseAFolderThatIsNoWall) {
    EXPECT_EQ(WallFiles::from_folder(root_ / "nowhere").error().code, Errc::not_found);
    std::filesystem::remove(root_ / "dist" / "index.html");
    EXPECT_EQ(WallFiles::from_folder(root_ / "dist").error().code, Errc::not_found);
}

}  // namespace

}  // namespace carevoice::api
