import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.consoles
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    bitbucket.created(3)
    List<String> consoles = consoles(basedir)
    contains(consoles[0],
            '[INFO] Output URL = https://acme.example/?a=b,c&d=#{e}$5 f',
            '[INFO] Output TAG = 1.0',
            '[INFO] Output REGIONS = eu,us')
    contains(consoles[1],
            "Steps 'Build, test' (1) and 'Deploy' (2) give output URL different values",
            'https://bitbucket.org/acme/shop/pipelines/results/43')
    assert !consoles[1].contains('read-outputs')
    contains(consoles[2], 'There is no output NONE')
    contains(consoles[3], '[rehearsal] Output URL = rehearsed-URL', '[rehearsal] Output REGIONS = eu,us')
    for (String module : ['app', 'later']) {
        assert new File(basedir, module + '/target/outputs.txt').text ==
                'https://acme.example/?a=b,c&d=#{e}$5 f 1.0 eu,us'
        assert new File(basedir, module + '/target/rehearsed.txt').text == 'rehearsed-URL rehearsed-TAG eu,us'
    }
}
