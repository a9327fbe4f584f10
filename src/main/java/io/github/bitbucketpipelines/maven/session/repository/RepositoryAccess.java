package io.github.bitbucketpipelines.maven.session.repository;

import io.github.bitbucketpipelines.maven.bitbucket.ApiUrl;
import io.github.bitbucketpipelines.maven.bitbucket.Credentials;
import io.github.bitbucketpipelines.maven.git.Checkout;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryMove;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.session.context.BitbucketConnection;
import io.github.bitbucketpipelines.maven.session.context.GoalContext;
import io.github.bitbucketpipelines.maven.session.context.OncePerSession;
import io.github.bitbucketpipelines.maven.session.context.RehearsalOptions;
import io.github.bitbucketpipelines.maven.session.failure.MissingCredentialsException;
import io.github.bitbucketpipelines.maven.session.parameter.GoalParameters;
import io.github.bitbucketpipelines.maven.session.parameter.ParameterParser;
import io.github.bitbucketpipelines.maven.session.settings.MavenCredentials;
import io.github.bitbucketpipelines.maven.session.settings.MavenProxy;
import io.github.bitbucketpipelines.maven.session.settings.Resolved;
import java.net.URI;
import java.util.Optional;
import java.util.function.Function;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.settings.crypto.SettingsDecrypter;

/**
 * A repository that a goal is to use, by the parameters that say where. Nothing was sent yet.
 *
 * @param context its parameters are those of this repository
 * @param targets resolves targets in this repository
 * @param rehearsal how the goal is rehearsed; empty where it is not
 */
public record RepositoryAccess(
        GoalContext context,
        SettingsDecrypter decrypter,
        ApiUrl api,
        String serverId,
        RepositoryId repository,
        TargetResolver targets,
        Optional<RehearsalOptions> rehearsal) {
    /**
     * Resolves the parameters of the context.
     *
     * @param sources receives the lines that name the source of a default
     * @throws MojoExecutionException if a parameter is invalid
     */
    public static RepositoryAccess resolve(
            GoalContext context, SettingsDecrypter decrypter, Optional<RehearsalOptions> rehearsal, SourceLog sources)
            throws MojoExecutionException {
        return resolve(context, context.parameters(), decrypter, rehearsal, sources);
    }

    /** Resolves other parameters than those of the context. */
    public static RepositoryAccess resolve(
            GoalContext context,
            GoalParameters parameters,
            SettingsDecrypter decrypter,
            Optional<RehearsalOptions> rehearsal,
            SourceLog sources)
            throws MojoExecutionException {
        ApiUrl api = ParameterParser.parse("apiUrl", parameters.apiUrl(), ApiUrl::of)
                .orElseGet(() -> ApiUrl.of(GoalParameters.DEFAULT_API_URL));
        Checkout checkout = context.checkout();
        RepositoryId repository = new RepositoryResolver(context, checkout, sources)
                .resolve(parameters.workspace(), parameters.repository());
        return new RepositoryAccess(
                context,
                decrypter,
                api,
                parameters.effectiveServerId(),
                repository,
                new TargetResolver(context, checkout, repository, sources),
                rehearsal);
    }

    /**
     * Checks the credentials; returns what opens a connection. It gets what will be triggered, which matters to a rehearsal.
     *
     * @throws MissingCredentialsException if no usable credentials are found
     * @throws MojoExecutionException if Maven is offline, or the proxy is not supported
     */
    public Function<Optional<TriggerRequest>, BitbucketConnection> connections() throws MojoExecutionException {
        MavenSession session = context.session();
        if (rehearsal.isPresent()) {
            return request -> BitbucketConnection.rehearsal(
                    rehearsal.get(), session, repository, request, context.output()::warn, this::open);
        }
        if (session.isOffline()) {
            throw new MojoExecutionException("Maven is offline (-o, or <offline> in settings.xml), and this goal needs"
                    + " Bitbucket; nothing was done. Leave -o out, or rehearse with -Dbitbucket.rehearse");
        }
        new MavenProxy(session).checkSupported(URI.create(api.toString()));
        MavenCredentials resolver = new MavenCredentials(session, decrypter);
        Resolved<Credentials> credentials = resolver.resolve(serverId);
        resolver.doubt(serverId, credentials)
                .ifPresent(doubt -> OncePerSession.run(
                        session, doubt, () -> context.output().warn(doubt)));
        return request -> {
            context.output().debug("Credentials from " + credentials.source());
            return BitbucketConnection.open(api, credentials, session, repository, this::warn, this::open);
        };
    }

    private BitbucketConnection open(RepositoryId other, Optional<String> server) throws MojoExecutionException {
        return new RepositoryAccess(context, decrypter, api, server.orElse(serverId), other, targets, rehearsal)
                .connections()
                .apply(Optional.empty());
    }

    private void warn(RepositoryMove move) {
        OncePerSession.run(
                context.session(),
                move.toString(),
                () -> context.output().warn(move.advice() + ". This goal uses " + move.to() + "."));
    }
}
