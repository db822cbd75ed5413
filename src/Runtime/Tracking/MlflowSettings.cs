using System.Net.Http.Headers;
using System.Text;

namespace Mtlc.Runtime.Tracking;

/// <summary>Where an MLflow server is and what to call things there, from the variables that MLflow's own clients read.</summary>
/// <param name="Server">With a slash at the end, without user and password.</param>
/// <param name="ExperimentId">Used where it is given, else the name.</param>
sealed record MlflowSettings(
    Uri Server,
    AuthenticationHeaderValue? Credentials,
    string ExperimentName,
    string? ExperimentId,
    string? RunId
)
{
    const string Example = "for example MLFLOW_TRACKING_URI=http://localhost:5000, or --tracker mlflow:http://localhost:5000";

    /// <param name="address">The server's; null takes MLFLOW_TRACKING_URI.</param>
    /// <exception cref="TrackerException">There is no address, or not one of a server.</exception>
    public static MlflowSettings Read(string? address, Func<string, string?> variable, bool forManyRuns)
    {
        var text =
            address
            ?? Given("MLFLOW_TRACKING_URI")
            ?? throw new TrackerException($"MLflow needs the address of its server; {Example}");
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
            throw new TrackerException($"'{text}' is not the address of an MLflow server; {Example}");
        // The command line is stored with the run and shown in its report.
        if (address is not null && uri.UserInfo.Length > 0)
            throw new TrackerException(
                "a password does not belong on the command line; put it into MLFLOW_TRACKING_PASSWORD, and the name into "
                    + "MLFLOW_TRACKING_USERNAME"
            );
        if (forManyRuns && Given("MLFLOW_RUN_ID") is not null)
            throw new TrackerException("MLFLOW_RUN_ID names one run, and a sweep makes many; unset it");
        var server = new UriBuilder(uri)
        {
            UserName = "",
            Password = "",
            Path = uri.AbsolutePath.TrimEnd('/') + "/",
            Query = "",
            Fragment = "",
        }.Uri;
        return new(
            server,
            Authorization(uri),
            Given("MLFLOW_EXPERIMENT_NAME") ?? "Default",
            Given("MLFLOW_EXPERIMENT_ID"),
            Given("MLFLOW_RUN_ID")
        );

        string? Given(string name) => variable(name) is { Length: > 0 } value ? value : null;

        AuthenticationHeaderValue? Authorization(Uri uri) =>
            Given("MLFLOW_TRACKING_USERNAME") is { } user && Given("MLFLOW_TRACKING_PASSWORD") is { } password
                ? Basic($"{user}:{password}")
            : Given("MLFLOW_TRACKING_TOKEN") is { } token ? new("Bearer", token)
            : uri.UserInfo.Length > 0 ? Basic(Uri.UnescapeDataString(uri.UserInfo))
            : null;

        static AuthenticationHeaderValue Basic(string credentials) =>
            new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials)));
    }
}
