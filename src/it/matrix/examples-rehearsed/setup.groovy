import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

// The examples name a version; what is tested is this one.
String version = new groovy.xml.XmlSlurper().parse(new File(basedir, 'pom.xml')).version
File examples = new File(basedir, '../../../../examples')
examples.eachFileRecurse { file ->
    if (file.isFile()) {
        File copy = new File(basedir, 'examples/' + examples.toPath().relativize(file.toPath()))
        copy.parentFile.mkdirs()
        copy.text = file.text
                .replaceAll(/(bitbucket-pipelines-maven-plugin(?::|<\/artifactId>\s*<version>))[\w.-]+/) { all, plugin ->
                    plugin + version
                }
    }
}
InvokerBitbucket.start(context)
return
