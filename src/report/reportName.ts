/** The file of the report in an output folder. */
export const reportName = "report.html"
