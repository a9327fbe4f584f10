import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.consoles
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    bitbucket.created(2)
    def (held, manual) = consoles(basedir)
    contains(held,
            "Pipeline #42 on branch main of acme/shop is PAUSED before the step 'Deploy', which is not manual",
            'BUILD FAILURE')
    contains(manual, 'Pipeline #43 on branch main of acme/shop', "'Deploy'", 'BUILD SUCCESS')
}
