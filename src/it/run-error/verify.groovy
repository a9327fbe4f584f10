import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.log
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    bitbucket.created(1)
    contains(log(basedir),
            'Pipeline #42 on branch main of acme/shop ended ERROR.',
            "Bitbucket's error: The bitbucket-pipelines.yml is broken at line 7.",
            'https://bitbucket.org/acme/shop/pipelines/results/42')
}
