package io.github.bitbucketpipelines.maven.session.settings;

import io.github.bitbucketpipelines.maven.bitbucket.Credentials;
import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import io.github.bitbucketpipelines.maven.session.failure.MissingCredentialsException;
import io.github.bitbucketpipelines.maven.session.parameter.GoalParameters;
import io.github.bitbucketpipelines.maven.session.parameter.ParameterParser;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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

    static final String TOKEN = "env.BITBUCKET_TOKEN";
    static final String USERNAME = "env.BITBUCKET_USERNAME";

    /** What a server's configuration has for this plugin. */
    private static final List<String> AUTHENTICATION_FIELDS = List.of("authentication", "tokenUrl");

    private static final int MAX_SHOWN = 20;
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
            checkReplaced(server);
            return new Resolved<>(of(decrypted(server)), source);
        } catch (IllegalArgumentException e) {
            throw new MissingCredentialsException("The " + source + ": " + e.getMessage());
        }
    }

    /**
     * Returns a warning where the credentials are not the only ones, or not those of the server that is named; empty if
     * there is no doubt.
     */
    public Optional<String> doubt(String serverId, Resolved<Credentials> credentials) {
        if (session.getSettings().getServer(serverId) == null) {
            return serverId.equals(GoalParameters.DEFAULT_SERVER_ID)
                    ? Optional.empty()
                    : Optional.of("settings.xml has no server '" + TextSanitizer.singleLine(serverId, 100)
                            + "' (parameter 'serverId'): the credentials come from " + credentials.source());
        }
        return ParameterParser.optional(session.getSystemProperties().getProperty(TOKEN))
                .filter(token -> !credentials.value().secrets().contains(token))
                .map(token -> "The credentials come from " + credentials.source()
                        + ", and BITBUCKET_TOKEN in the environment does not count. Remove one of the two");
    }

    /** Refuses a server in which Maven left a variable of the environment; before decryption, which would fail on it. */
    private static void checkResolved(Server server) throws MissingCredentialsException {
        Stream<String> fields =
                Stream.of(server.getUsername(), server.getPassword(), server.getPrivateKey(), server.getPassphrase());
        Optional<String> unset = unsetVariable(Stream.concat(fields, values((Xpp3Dom) server.getConfiguration())));
        if (unset.isPresent()) {
            throw new MissingCredentialsException("The server '" + server.getId() + "': " + unset.get());
        }
    }

    /** Returns the sentence, without its full stop, about a variable of the environment that Maven left in a field. */
    static Optional<String> unsetVariable(Stream<String> fields) {
        return fields.filter(Objects::nonNull)
                .map(UNSET_VARIABLE::matcher)
                .filter(Matcher::find)
                .map(variable -> "settings.xml refers to the environment variable "
                        + TextSanitizer.singleLine(variable.group(1), 100) + ", which is not set")
                .findFirst();
    }

    private static void checkReplaced(Server server) {
        Xpp3Dom configuration = (Xpp3Dom) server.getConfiguration();
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("username", server.getUsername());
        fields.put("password", server.getPassword());
        AUTHENTICATION_FIELDS.forEach(
                name -> fields.put(name, child(configuration, name).orElse(null)));
        fields.forEach((name, value) -> {
            if (value != null) {
                CredentialCheck.checkReplaced("its <" + name + ">", value);
            }
        });
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

    /** Whether the text has something in it that Maven has encrypted. */
    static boolean looksEncrypted(String password) {
        return password != null && password.matches("(?s).*\\{[A-Za-z0-9+/=]{20,}}.*");
    }

    private static Credentials of(Server server) {
        Optional<String> user = CredentialCheck.notEmpty("its <username>", server.getUsername());
        String password = CredentialCheck.notEmpty("its <password>", server.getPassword())
                .orElseThrow(() -> new IllegalArgumentException(
                        ParameterParser.optional(server.getPrivateKey()).isPresent()
                                ? "it has a <privateKey> and no <password>; the key is for SSH, and Bitbucket's REST"
                                        + " API needs a token as the <password>"
                                : "it has no <password>; that is where the token belongs"));
        user.ifPresent(name -> CredentialCheck.checkUser("its <username>", name));
        CredentialCheck.checkToken("its <password>", password);
        Xpp3Dom configuration = (Xpp3Dom) server.getConfiguration();
        Optional<String> authentication = child(configuration, "authentication");
        if (authentication.isEmpty()) {
            return of(user, password);
        }
        if (!authentication.get().equalsIgnoreCase("oauth")) {
            throw new IllegalArgumentException("its <authentication> is "
                    // A long one may be a token in the wrong field.
                    + (authentication.get().length() <= MAX_SHOWN ? "'" + authentication.get() + "'" : "unknown")
                    + "; it can be oauth, or be left out");
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
        String token = system.getProperty(TOKEN);
        if (ParameterParser.optional(token).isEmpty()) {
            return Optional.empty();
        }
        String user = system.getProperty(USERNAME);
        String source = (user == null ? "" : "BITBUCKET_USERNAME and ") + "BITBUCKET_TOKEN in the environment";
        try {
            Optional<String> name = CredentialCheck.notEmpty("BITBUCKET_USERNAME", user);
            name.ifPresent(text -> CredentialCheck.checkUser("BITBUCKET_USERNAME", text));
            CredentialCheck.checkToken("BITBUCKET_TOKEN", token.strip());
            return Optional.of(new Resolved<>(of(name, token.strip()), source));
        } catch (IllegalArgumentException e) {
            throw new MissingCredentialsException(source + ": " + e.getMessage());
        }
    }

    private String missingCredentials(String serverId) {
        String environment = session.getSystemProperties().getProperty(TOKEN) == null
                ? "the environment no BITBUCKET_TOKEN. Add"
                : "BITBUCKET_TOKEN is set and empty: does this job get that secret? Or add";
        return String.format(Locale.ROOT, """
            No credentials for Bitbucket: settings.xml has no server '%1$s' (parameter 'serverId'), and %2$s to \
            settings.xml, between <servers> and </servers>:
              <server><id>%1$s</id>
                <username>your Atlassian account's e-mail</username> <!-- leave it out for an access token -->
                <password>an API token with the scopes read:pipeline:bitbucket and write:pipeline:bitbucket</password>
              </server>\
            """, TextSanitizer.singleLine(serverId, 100), environment);
    }
}
