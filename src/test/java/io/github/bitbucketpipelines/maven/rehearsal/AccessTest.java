package io.github.bitbucketpipelines.maven.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AccessTest extends EmbeddedBitbucketTestBase {

    private static final String INVALID = "Token is invalid, expired, or not supported for this endpoint.";

    private static String basic(String user, String password) {
        return "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
    }

    private Client.Reply as(String authorization, String path) {
        return client.getWithout(path, "Authorization", authorization);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Bearer wrong", "Bearer secret", "Basic !!", "Digest x", "nothing"})
    void invalidCredentialsAreRejectedWithAGeneralError(String authorization) {
        bitbucket.acceptBasic("ada@acme.org", "secret");

        Client.Reply reply =
                authorization.equals("nothing") ? client.getWithout(PIPELINES) : as(authorization, PIPELINES);

        assertThat(reply.status()).isEqualTo(401);
        assertThat(reply.json().toString())
                .isEqualTo("{\"type\":\"error\",\"error\":{\"message\":\"" + INVALID + "\"}}");
    }

    @Test
    void apiTokenNeedsItsEmailAndReportsItsScopes() {
        EmbeddedAccount ada = bitbucket.acceptBasic("ada@acme.org", "secret", "read:pipeline:bitbucket");

        Client.Reply reply = as(basic("ada@acme.org", "secret"), PIPELINES);

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.header("X-OAuth-Scopes")).isEqualTo("read:pipeline:bitbucket");
        assertThat(reply.header("X-Accepted-OAuth-Scopes")).isEqualTo("read:pipeline:bitbucket");
        assertThat(reply.header("X-Credential-Type")).isEqualTo("api_token");
        assertThat(as(basic("ada", "secret"), PIPELINES).status()).isEqualTo(401);
        assertThat(ada.type()).isEqualTo("user");
    }

    @Test
    void missingScopeIsReported() {
        bitbucket.acceptBearer("reader", "pipeline", "repository");

        Client.Reply reply = client.postWithout(
                PIPELINES, TRIGGER_MAIN, "Authorization", "Bearer reader", "Content-Type", "application/json");

        assertThat(reply.status()).isEqualTo(403);
        assertThat(reply.json().at("/error/message").asText())
                .isEqualTo("Your credentials lack one or more required privilege scopes.");
        assertThat(reply.json().at("/error/detail").toString())
                .isEqualTo(
                        "{\"required\":[\"pipeline\",\"pipeline:write\"],\"granted\":[\"pipeline\",\"repository\"]}");
        assertThat(reply.header("X-OAuth-Scopes")).isEqualTo("pipeline, repository");
        assertThat(bitbucket.created()).isZero();
    }

    @Test
    void writeScopeDoesNotIncludeReadScope() {
        bitbucket.acceptBasic("ada@acme.org", "secret", "write:pipeline:bitbucket");
        assertThat(as(basic("ada@acme.org", "secret"), PIPELINES).status()).isEqualTo(403);
    }

    @Test
    void configurationNeedsTheAdministratorScope() {
        bitbucket.acceptBearer("modest", "repository", "pipeline");
        assertThat(as("Bearer modest", "/repositories/acme/shop/pipelines_config")
                        .status())
                .isEqualTo(403);
        assertThat(client.get("/repositories/acme/shop/pipelines_config")
                        .json()
                        .get("enabled")
                        .asBoolean())
                .isTrue();
    }

    @Test
    void oauthTokensExpireByTheClock() {
        EmbeddedAccount app = bitbucket.oauthConsumer("key", "secret", Duration.ofHours(2));

        Client.Reply reply = token(basic("key", "secret"), "grant_type=client_credentials");

        JsonNode token = reply.json();
        assertThat(token.get("expires_in").asInt()).isEqualTo(7200);
        assertThat(token.get("token_type").asText()).isEqualTo("bearer");
        assertThat(token.has("refresh_token")).isFalse();
        String bearer = "Bearer " + token.get("access_token").asText();
        assertThat(as(bearer, "/user").json().get("uuid").asText()).isEqualTo(app.uuid());
        assertThat(as(bearer, "/user").json().get("type").asText()).isEqualTo("app_user");
        clock.forward(Duration.ofHours(2));
        Client.Reply expired = as(bearer, "/user");
        assertThat(expired.status()).isEqualTo(401);
        assertThat(expired.json().at("/error/message").asText())
                .isEqualTo("OAuth2 access token expired. Use your refresh token to obtain a new access token.");
    }

    @Test
    void tokenEndpointSupportsClientCredentialsOnly() {
        bitbucket.oauthConsumer("key", "secret", Duration.ofHours(2));
        assertThat(token(basic("key", "other"), "grant_type=client_credentials").status())
                .isEqualTo(400);
        assertThat(token(basic("key", "secret"), "grant_type=refresh_token").status())
                .isEqualTo(400);
        assertThat(client.getWithout(bitbucket.tokenUrl().toString()).status()).isEqualTo(400);
        assertThat(as(basic("key", "secret"), "/user").status())
                .as("a consumer is no user")
                .isEqualTo(401);
    }

    private Client.Reply token(String authorization, String body) {
        return client.postWithout(
                bitbucket.tokenUrl().toString(),
                body,
                "Authorization",
                authorization,
                "Content-Type",
                "application/x-www-form-urlencoded");
    }

    @Test
    void missingRepositoryIsAGeneralError() {
        Client.Reply reply = client.get("/repositories/acme/other/pipelines");
        assertThat(reply.status()).isEqualTo(404);
        assertThat(reply.json().get("type").asText()).isEqualTo("error");
    }

    @Test
    void publicRepositoryAllowsReadingButNotTriggering() {
        shop.makePublic();
        assertThat(client.getWithout(PIPELINES).status()).isEqualTo(200);
        assertThat(client.postWithout(PIPELINES, TRIGGER_MAIN, "Content-Type", "application/json")
                        .status())
                .isEqualTo(401);
    }

    @Test
    void refsAreFoundByEncodedNames() {
        assertThat(client.get("/repositories/acme/shop/refs/branches/feature%2Fx")
                        .json()
                        .at("/target/hash")
                        .asText())
                .isEqualTo(FEATURE);
        assertThat(client.get("/repositories/acme/shop/refs/tags/v1")
                        .json()
                        .get("type")
                        .asText())
                .isEqualTo("tag");
        assertThat(client.get("/repositories/acme/shop/refs/tags/main").status())
                .isEqualTo(404);
        assertThat(client.get("/repositories/acme/shop")
                        .json()
                        .at("/mainbranch/name")
                        .asText())
                .isEqualTo("main");
        assertThat(client.get("/repositories/acme/shop/pullrequests/8").status())
                .isEqualTo(404);
    }

    @Test
    void filesAreReadFromACommitOrAnEncodedRef() {
        shop.file("bitbucket-pipelines.yml", "pipelines: {}\n").file(FEATURE, "bitbucket-pipelines.yml", "other: {}\n");
        String src = "/repositories/acme/shop/src/";

        assertThat(client.get(src + MAIN + "/bitbucket-pipelines.yml").text()).isEqualTo("pipelines: {}\n");
        assertThat(client.get(src + "main/bitbucket-pipelines.yml").text()).isEqualTo("pipelines: {}\n");
        assertThat(client.get(src + FEATURE + "/bitbucket-pipelines.yml").text())
                .isEqualTo("other: {}\n");
        assertThat(client.get(src + "feature%2Fx/bitbucket-pipelines.yml").text())
                .isEqualTo("other: {}\n");
        assertThat(client.get(src + "nowhere/bitbucket-pipelines.yml").status()).isEqualTo(404);
        assertThat(client.get(src + "feature/x/bitbucket-pipelines.yml").status())
                .isEqualTo(404);
        assertThat(client.get(src + "main/docs/none.md")
                        .json()
                        .at("/error/message")
                        .asText())
                .isEqualTo("No such file or directory: docs/none.md");
    }
}
