package io.github.bitbucketpipelines.maven.session.parameter;

import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import io.github.bitbucketpipelines.maven.session.reactor.OriginalConfigurations;
import java.util.HashSet;
import java.util.Set;
import org.apache.maven.plugin.MojoExecution;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.project.MavenProject;
import org.codehaus.plexus.util.xml.Xpp3Dom;

/** Refuses an element that one configuration has twice: Maven takes the last one, and drops the others without a word. */
public record RepeatedElementCheck(MavenProject project, MojoExecution execution) {
    private static final String RUNS = "runs";
    private static final Set<String> MAPS = Set.of("variables", "securedVariables");

    /**
     * Checks the configurations of all POMs, each for itself.
     *
     * @throws MojoExecutionException if one has an element twice
     */
    public void check() throws MojoExecutionException {
        for (Xpp3Dom configuration : new OriginalConfigurations(project, execution).all()) {
            requireUnique(configuration, "");
            for (Xpp3Dom runs : configuration.getChildren(RUNS)) {
                for (Xpp3Dom run : runs.getChildren()) {
                    requireUnique(run, " of one run");
                }
            }
        }
    }

    private static void requireUnique(Xpp3Dom parameters, String where) throws MojoExecutionException {
        requireUniqueChildren(parameters, where);
        for (Xpp3Dom parameter : parameters.getChildren()) {
            // What other parameters have in them are lists.
            if (MAPS.contains(parameter.getName())) {
                requireUniqueChildren(parameter, " in <" + parameter.getName() + ">" + where);
            }
        }
    }

    private static void requireUniqueChildren(Xpp3Dom parent, String where) throws MojoExecutionException {
        Set<String> names = new HashSet<>();
        for (Xpp3Dom child : parent.getChildren()) {
            if (!names.add(child.getName())) {
                throw ParameterParser.invalid(
                        MAPS.contains(parent.getName()) ? parent.getName() : child.getName(),
                        "the POM has <" + TextSanitizer.singleLine(child.getName(), 100) + "> twice" + where
                                + ", and Maven would drop the first one; leave one of them");
            }
        }
    }
}
