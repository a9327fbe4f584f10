package io.github.bitbucketpipelines.maven.session.parameter;

import java.io.File;

/**
 * The parameters of a goal that checks several runs, as Maven injected them.
 *
 * @param format of the findings
 * @param outputFile where they are written
 */
public record PlanCheck(PlanParameters parameters, String format, File outputFile) {}
