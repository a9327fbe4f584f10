package io.github.bitbucketpipelines.maven.session;

import io.github.bitbucketpipelines.maven.bitbucket.Credentials;
import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import java.net.URI;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.settings.Server;
import org.apache.maven.settings.building.SettingsProblem;
import org.apache.maven.settings.crypto.DefaultSettingsDecryptionRequest;
import org.apache.maven.settings.crypto.SettingsDecrypter;
import org.apache.maven.settings.crypto.SettingsDecryptionResult;
import org.codehaus.plexus.util.xml.Xpp3Dom;

/** Resolves the credentials: from a server of settings.xml, decrypted as Maven does it, else from the environment. */
public final class MavenCredentials {
    /** The username that git uses with an access token; the REST API expects such a token as Bearer. */
    private static final String TOKEN_USER = "x-token-auth";

    /** The username that git uses with an API token; the REST API does not know it. */
    private static final String GIT_ONLY_USER = "x-bitbucket-api-token-auth";

    private static final Pattern UNSET_VARIABLE = Pattern.compile("\\$\\{env\\.([^{}]*)}");

    private final MavenSession session;
    private final SettingsDecrypter decrypter;

    public MavenCredentials(MavenSession session, SettingsDecrypter decrypter) {
        this.session = session;
        this.decrypter = decrypter;
    }

    /**
     * Returns the credentials and their source.
     *
     * @throws MissingCredentialsException if there are none, or they can't be used; the message says what to add
     */
    public Resolved<Credentials> resolve(String serverId) throws MissingCredentialsException {
        Server server = session.getSettings().getServer(serverId);
        if (server == null) {
            return fromEnvironment(session.getSystemProperties())
                    .orElseThrow(() -> new MissingCredentialsException(missingCredentials(serverId)));
        }
        String source = "server '" + serverId + "' in settings.xml";
        try {
            checkResolved(server);
            return new Resolved<>(of(decrypted(server)), source);
        } catch (IllegalArgumentException e) {
            throw new MissingCredentialsException("The " + source + ": " + e.getMessage());
        }
    }

    /** Refuses a server in which Maven left a variable of the environment; before decryption, which would fail on it. */
    private static void checkResolved(Server server) throws MissingCredentialsException {
        Stream<String> fields =
                Stream.of(server.getUsername(), server.getPassword(), server.getPrivateKey(), server.getPassphrase());
        Optional<String> unset = Stream.concat(fields, values((Xpp3Dom) server.getConfiguration()))
                .filter(Objects::nonNull)
                .map(UNSET_VARIABLE::matcher)
                .filter(Matcher::find)
                .map(variable -> variable.group(1))
                .findFirst();
        if (unset.isPresent()) {
            throw new MissingCredentialsException(
                    "The server '" + server.getId() + "': settings.xml refers to the environment variable "
                            + TextSanitizer.singleLine(unset.get(), 100) + ", which is not set");
        }
    }

    private static Stream<String> values(Xpp3Dom element) {
        return element == null
                ? Stream.empty()
                : Stream.concat(
                        Stream.ofNullable(element.getValue()),
                        Stream.of(element.getChildren()).flatMap(MavenCredentials::values));
    }

    private Server decrypted(Server server) {
        SettingsDecryptionResult result = decrypter.decrypt(new DefaultSettingsDecryptionRequest(server));
        boolean failed = result.getProblems().stream()
                .anyMatch(problem -> problem.getSeverity() != SettingsProblem.Severity.WARNING);
        String password = result.getServer().getPassword();
        // On a failure Maven returns the encrypted text; sending it would end in a 401 without the reason.
        if (failed || looksEncrypted(password)) {
            throw new IllegalArgumentException(
                    "its password can't be decrypted; is settings-security.xml there, with the"
                            + " master password it was encrypted with? Encrypt it again with mvn --encrypt-password");
        }
        return result.getServer();
    }

    private static boolean looksEncrypted(String password) {
        return password != null && password.matches("(?s).*\\{[A-Za-z0-9+/=]{20,}}.*");
    }

    private static Credentials of(Server server) {
        Optional<String> user = ParameterParser.optional(server.getUsername());
        String password = ParameterParser.optional(server.getPassword())
                .orElseThrow(() -> new IllegalArgumentException(
                        ParameterParser.optional(server.getPrivateKey()).isPresent()
                                ? "it has a <privateKey> and no <password>; the key is for SSH, and Bitbucket's REST"
                                        + " API needs a token as the <password>"
                                : "it has no <password>; that is where the token belongs"));
        Xpp3Dom configuration = (Xpp3Dom) server.getConfiguration();
        Optional<String> authentication = child(configuration, "authentication");
        if (authentication.isEmpty()) {
            return of(user, password);
        }
        if (!authentication.get().equalsIgnoreCase("oauth")) {
            throw new IllegalArgumentException(
                    "its <authentication> is '" + authentication.get() + "'; it can be oauth, or be left out");
        }
        URI tokenUrl =
                child(configuration, "tokenUrl").map(MavenCredentials::uri).orElse(Credentials.OAuthConsumer.TOKEN_URL);
        return new Credentials.OAuthConsumer(
                user.orElseThrow(() -> new IllegalArgumentException(
                        "with oauth it needs the consumer's key as <username>, and its secret as <password>")),
                password,
                tokenUrl);
    }

    private static Credentials of(Optional<String> user, String token) {
        if (user.filter(GIT_ONLY_USER::equals).isPresent()) {
            throw new IllegalArgumentException(
                    "the username " + GIT_ONLY_USER + " works with git alone; Bitbucket's REST"
                            + " API needs the e-mail address of the Atlassian account that the API token belongs to");
        }
        return user.isEmpty() || user.get().equals(TOKEN_USER)
                ? new Credentials.Bearer(token)
                : new Credentials.Basic(user.get(), token);
    }

    private static URI uri(String text) {
        try {
            return URI.create(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("its <tokenUrl> is not a URL", e);
        }
    }

    private static Optional<String> child(Xpp3Dom configuration, String name) {
        return Optional.ofNullable(configuration)
                .map(c -> c.getChild(name))
                .flatMap(child -> ParameterParser.optional(child.getValue()));
    }

    private static Optional<Resolved<Credentials>> fromEnvironment(Properties system)
            throws MissingCredentialsException {
        Optional<String> token = ParameterParser.optional(system.getProperty("env.BITBUCKET_TOKEN"));
        Optional<String> user = ParameterParser.optional(system.getProperty("env.BITBUCKET_USERNAME"));
        if (token.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new Resolved<>(
                    of(user, token.get()),
                    (user.isPresent() ? "BITBUCKET_USERNAME and " : "") + "BITBUCKET_TOKEN in the environment"));
        } catch (IllegalArgumentException e) {
            throw new MissingCredentialsException("BITBUCKET_TOKEN in the environment: " + e.getMessage());
        }
    }

    private static String missingCredentials(String serverId) {
        return String.format(Locale.ROOT, """
            No credentials for Bitbucket: settings.xml has no server '%1$s' (parameter 'serverId'), and the environment \
            no BITBUCKET_TOKEN. Add to settings.xml, between <servers> and </servers>:
              <server><id>%1$s</id>
                <username>your Atlassian account's e-mail</username> <!-- leave it out for an access token -->
                <password>an API token with the scopes read:pipeline:bitbucket and write:pipeline:bitbucket</password>
              </server>\
            """, serverId);
    }
}
