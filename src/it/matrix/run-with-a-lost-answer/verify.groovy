import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.log
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    // One of the first build, one of the second, and the other one's: nothing is sent twice.
    bitbucket.created(3)
    assert bitbucket.triggers().size() == 2
    contains(log(basedir),
            'one run may be the one that it created, or one of another build with the same credentials: #42 (https://',
            'To wait for it: mvn io.github.bitbucketpipelines:',
            'To trigger another run, look at the runs on Bitbucket first, then repeat the build with "-Dbitbucket.onUnfinished=start"',
            'BUILD FAILURE',
            'Pipeline #42 on branch main of acme/shop is SUCCESSFUL',
            'BUILD SUCCESS',
            'The response to the trigger was lost, and 2 runs may be the one that it created: #44 (https://bitbucket.org/acme/shop/pipelines/results/44), #43 (',
            "To wait for one of them: mvn io.github.bitbucketpipelines:bitbucket-pipelines-maven-plugin:",
            ":wait \"-Dbitbucket.number=44\" \"-Dbitbucket.repository=acme/shop\" \"-Dbitbucket.apiUrl=${bitbucket.embedded().apiUrl()}\"",
            'BUILD FAILURE')
    assert bitbucket.shop().runs().every { it.stopRequests() == 0 }
}
